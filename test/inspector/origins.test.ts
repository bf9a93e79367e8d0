/** Who may look inside: our own pages, programs of this machine, nobody else. */
import { describe, expect, it } from 'vitest';
import { originRefusal } from '../../src/inspector/origins.ts';
import { isLoopback } from '../../src/node/loopback.ts';

const addresses = ['http://127.0.0.1:7101', '', 'http://127.0.0.1:7102', 'http://raft.example:80'];
const isAdmitted = (origin: string | undefined, remoteAddress = '127.0.0.1') =>
  originRefusal({ origin, remoteAddress }, addresses) === null;

describe('the socket', () => {
  it.each([
    'http://127.0.0.1:7101',
    'http://127.0.0.1:7102',
    'http://localhost:7101',
    'http://LOCALHOST:7102',
    'http://[::1]:7101',
    'http://raft.example',
  ])('is open to the page that %s has served', (origin) => {
    expect(isAdmitted(origin)).toBe(true);
  });

  it.each([
    'http://127.0.0.1:7103',
    'http://127.0.0.1',
    'https://127.0.0.1:7101',
    'http://127.0.0.1.evil.example:7101',
    'http://localhost.evil.example:7101',
    'http://evil.example',
    'http://raft.example:8080',
    'http://10.0.0.1:7101',
    'file://',
    'null',
    '',
    'chrome-extension://abcdef',
  ])('is closed to a page from "%s"', (origin) => {
    expect(isAdmitted(origin)).toBe(false);
  });

  it('is open to programs of this machine, which send no Origin, and to none of another', () => {
    expect(isAdmitted(undefined)).toBe(true);
    expect(isAdmitted(undefined, '::ffff:127.0.0.1')).toBe(true);
    expect(isAdmitted(undefined, '::1')).toBe(true);
    expect(isAdmitted(undefined, '10.0.0.7')).toBe(false);
    expect(isAdmitted(undefined, '')).toBe(false);
    const known = { origin: undefined, remoteAddress: '10.0.0.7', isKnown: true };
    expect(originRefusal(known, addresses)).toBeNull();
  });
});

describe('the loopback interface', () => {
  it.each(['127.0.0.1', '127.8.9.1', '::1', '[::1]', 'localhost', '::ffff:127.0.0.1'])(
    'has the name %s',
    (host) => expect(isLoopback(host)).toBe(true),
  );

  it.each([
    '0.0.0.0',
    '::',
    '10.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    '127.1',
    '',
  ])('does not have the name "%s"', (host) => expect(isLoopback(host)).toBe(false));
});
