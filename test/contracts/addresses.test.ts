/** Addresses that cannot work are refused before anything starts, by one rule for all of them. */
import { describe, expect, it } from 'vitest';
import { parseClientAddress, parseCluster, parseHostPort } from '../../src/cli/option-values.ts';
import { connect } from '../../src/client/index.ts';
import { CLIENT_ADDRESS, PEER_ADDRESS, whyNotAddress } from '../../src/formats/address.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import { startServer } from '../../src/node/start-server.ts';
import { webSocketTransport } from '../../src/node/websocket-transport.ts';
import { createService } from '../../src/service/service.ts';
import { ModelServer } from './model-server.ts';

/** What stands behind the scheme, and why it cannot work. */
const UNFIT: readonly (readonly [string, RegExp])[] = [
  ['0.0.0.0:7101', /names every address of a machine/],
  ['[::]:7101', /names every address/],
  ['[::ffff:0.0.0.0]:7101', /names every address/],
  ['0:7101', /names every address/],
  ['0x0:7101', /names every address/],
  ['host:0', /port 0/],
  ['host:00', /port 0/],
  ['user@host:7101', /names a user/],
  ['user:secret@host:7101', /names a user/],
  ['host:7101/path', /leave out "\/path"/],
  ['host:7101?query', /leave out "\?query"/],
  ['host:7101#part', /leave out "#part"/],
  ['host:7101/#', /leave out "\/#"/],
  ['ho st:7101', /space/],
  [' host:7101', /space/],
  ['host:7101\n', /space/],
  ['[fe80::1%25eth0]:7101', /zone/],
  ['ho%73t:7101', /%/],
  ['host:65536', /not valid/],
  ['host:x', /not valid/],
  [':7101', /not valid/],
  ['', /not valid/],
  ['::1:7101', /not valid/],
  ['[::1:7101', /not valid/],
  ['1.2.3.256:7101', /not valid/],
];
const FIT = ['host:7101', 'db.example:7101/', '10.0.0.1:1', '[::1]:7101', 'HOST:65535'];

describe('an address', () => {
  for (const [text, why] of UNFIT) {
    for (const rule of [PEER_ADDRESS, CLIENT_ADDRESS]) {
      const address = `${rule.schemes[0]}://${text}`;
      it(`cannot work: ${JSON.stringify(address)}`, () => {
        expect(whyNotAddress(address, rule)).toMatch(why);
      });
    }
  }

  it.each(FIT)('can work: %s', (text) => {
    for (const scheme of ['http', 'https', 'HTTPS']) {
      expect(whyNotAddress(`${scheme}://${text}`, CLIENT_ADDRESS)).toBeNull();
    }
    for (const scheme of ['ws', 'wss']) {
      expect(whyNotAddress(`${scheme}://${text}`, PEER_ADDRESS)).toBeNull();
    }
  });

  it.each(['ftp://host:1', 'host:7101', '//host:7101', 'http:host:7101', 'javascript:0'])(
    'begins with what is spoken there, and %s does not',
    (text) => {
      expect(whyNotAddress(text, PEER_ADDRESS)).toMatch(/does not begin with ws:\/\/ or wss:\/\//);
      expect(whyNotAddress(text, CLIENT_ADDRESS)).toMatch(/does not begin with http:\/\/ or https/);
    },
  );

  it('of a peer has its port, since the one of the scheme is nobody’s', () => {
    for (const address of ['ws://host', 'wss://host/', 'ws://[::1]']) {
      expect(whyNotAddress(address, PEER_ADDRESS)).toMatch(/has no port/);
    }
    expect(whyNotAddress('ws://host:80', PEER_ADDRESS)).toBeNull();
    expect(whyNotAddress('https://db.example', CLIENT_ADDRESS)).toBeNull();
  });
});

const [WILDCARD] = ['0.0.0.0:7101'];
const start = (cluster: Record<string, string>, clientAddress = '') =>
  startServer({
    ...{ id: 'a', cluster, clientAddress, bootstrap: true, stateMachine: keyValue },
    // Never reached: the addresses are looked at first.
    storage: {} as never,
  });
const A = 'ws://127.0.0.1:7201';

describe('the rule is asked', () => {
  it.each([
    ['--advertise-client-addr', () => parseClientAddress(`http://${WILDCARD}`)],
    ['--endpoints', () => parseClientAddress(WILDCARD)],
    ['--cluster', () => parseCluster(`a=127.0.0.1:7201,b=${WILDCARD}`)],
    ['connect({ endpoints })', () => connect({ endpoints: [`http://${WILDCARD}`] })],
    [
      'webSocketTransport({ cluster })',
      () => webSocketTransport({ id: 'a', cluster: { a: A, b: `ws://${WILDCARD}` } }),
    ],
    [
      'createService({ advertisedClientAddress })',
      () =>
        createService({
          ...{ server: new ModelServer(), requestTimeoutMs: 1, version: '1' },
          advertisedClientAddress: `http://${WILDCARD}`,
        }),
    ],
  ])('by %s', (_, use) => {
    expect(use).toThrow(/names every address of a machine, to which nobody can connect/);
  });

  it('by startServer, about both of its addresses', async () => {
    await expect(start({ a: A, b: `ws://${WILDCARD}` })).rejects.toThrow(
      'The address of server b, "ws://0.0.0.0:7101", names every address',
    );
    await expect(start({ a: A }, `http://${WILDCARD}`)).rejects.toThrow(
      'The clientAddress of server a, "http://0.0.0.0:7101", names every address',
    );
    await expect(start({ a: 'ws://127.0.0.1:0', b: 'ws://127.0.0.1:1' })).rejects.toThrow('port 0');
    await expect(start({ a: A, b: 'ws://host' })).rejects.toThrow('has no port');
  });

  it('by what listens, which may do so everywhere', () => {
    expect(parseHostPort(WILDCARD)).toEqual({ host: '0.0.0.0', port: 7101 });
    expect(parseHostPort('[::]:7101')).toEqual({ host: '::', port: 7101 });
    for (const text of ['user@host:1', 'host?:1', 'ho%73t:1', 'host:0', '1.2.3.256:1', 'host']) {
      expect(() => parseHostPort(text)).toThrow();
    }
  });

  it('by commands for a bare name, too: it has no port', () => {
    expect(() => parseClientAddress('foo')).toThrow('"foo" has no port');
    expect(parseClientAddress('foo:7101')).toBe('http://foo:7101');
    expect(parseClientAddress('https://db.example')).toBe('https://db.example');
  });
});
