/** The flags of the clients' port: which go together, where they are needed, and files that are renewed. */
import {
  chmodSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { clientRequest, serverRequest } from '../../src/certificates/requests.ts';
import { AuditLog } from '../../src/cli/audit-log.ts';
import { auditObserver, ClientPort } from '../../src/cli/client-port.ts';
import {
  assertKnowsWhoAsks,
  assertTogether,
  CLIENT_PORT_OPTIONS,
  type ClientPortOptions,
} from '../../src/cli/client-port-options.ts';
import { addOptions, flagsOf } from '../../src/cli/command-table.ts';
import type { TlsContext } from '../../src/service/context.ts';
import type { Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { formatTokens } from '../../src/service/tokens/token-format.ts';
import { Command } from '../../src/vendor/commander.ts';
import { certified, newAuthority } from './certified.ts';

const NONE = parsed();
const OUTSIDE = { host: '10.0.0.1', port: 7101 };

function parsed(...flags: readonly string[]): ClientPortOptions {
  const silent = { writeErr: () => {}, writeOut: () => {} };
  const command = addOptions(
    new Command().exitOverride().configureOutput(silent),
    CLIENT_PORT_OPTIONS,
  );
  return command.parse([...flags], { from: 'user' }).opts();
}

describe('the flags', () => {
  it.each([
    [{ tlsCert: 'c' }, '--tls-cert needs --tls-key: give both, or neither'],
    [{ tlsKey: 'k' }, '--tls-key needs --tls-cert: give both, or neither'],
    [{ clientCa: 'a' }, '--client-ca needs --tls-cert and --tls-key: give both, or neither'],
    [{ closeStatus: true }, '--close-status needs --tokens: give both, or neither'],
    [{ auditWrites: true }, '--audit-writes needs --audit-log: give both, or neither'],
  ])('go together, or are refused: %o', (options, sentence) => {
    expect(() => assertTogether({ ...NONE, ...options })).toThrow(sentence);
  });

  it('are handed to the servers of a cluster as they were given', () => {
    const given = ['--tokens', 't', '--tls-cert', 'c', '--tls-key', 'k', '--client-ca', 'a']
      .concat(['--audit-log', 'l', '--allow-origin', 'https://a.example', '--close-status'])
      .concat(['--allow-origin', 'https://b.example', '--allow-host', 'db', '--audit-writes']);
    const options = parsed(...given);
    expect(options.allowOrigin).toEqual(['https://a.example', 'https://b.example']);
    expect(parsed(...flagsOf(CLIENT_PORT_OPTIONS, options))).toEqual(options);
    expect(flagsOf(CLIENT_PORT_OPTIONS, parsed())).toEqual([]);
    const open = parsed('--without-tokens');
    expect(parsed(...flagsOf(CLIENT_PORT_OPTIONS, open))).toEqual(open);
  });

  it.each([
    ['--allow-origin', '*'],
    ['--allow-origin', 'null'],
    ['--allow-origin', 'https://a.example/path'],
    ['--allow-origin', 'a.example'],
    ['--allow-host', 'a:7101'],
    ['--allow-host', ''],
    ['--allow-host', '*'],
    ['--allow-host', '*.org'],
    ['--allow-host', 'a.*.org'],
    ['--allow-host', 'http://a.org'],
  ])('%s is not taken as "%s"', (flag, value) => {
    expect(() => parsed(flag, value)).toThrow(/is invalid/);
  });

  it('take names and their endings', () => {
    const names = ['db', 'db.prod.svc', 'my_db', 'a.b.', '*.db.example.org'];
    expect(parsed(...names.flatMap((name) => ['--allow-host', name])).allowHost).toEqual(names);
  });

  it('spell an origin as browsers do', () => {
    expect(parsed('--allow-origin', 'HTTPS://App.Example:443').allowOrigin).toEqual([
      'https://app.example',
    ]);
  });
});

describe('a port that other machines reach', () => {
  it('is not opened to everybody without a word', () => {
    for (const host of ['10.0.0.1', '0.0.0.0', '::', 'db.example']) {
      expect(() => assertKnowsWhoAsks({ host, port: 7101 }, NONE)).toThrow(
        /can be reached by other machines.*statecraft token create.*--tokens.*--tls-cert.*--without-tokens/,
      );
    }
  });

  it('is opened when that is spelled out, with a warning', () => {
    const [warning] = assertKnowsWhoAsks(OUTSIDE, { ...NONE, withoutTokens: true });
    expect(warning).toMatch(/^anyone who can reach 10.0.0.1:7101 may read and change everything/);
  });

  it('is opened to tokens, with a warning where they travel unencrypted', () => {
    const [warning] = assertKnowsWhoAsks(OUTSIDE, { ...NONE, tokens: 't' });
    expect(warning).toMatch(/^tokens travel unencrypted to 10.0.0.1:7101/);
    const tls = { tlsCert: 'c', tlsKey: 'k' };
    expect(assertKnowsWhoAsks(OUTSIDE, { ...NONE, ...tls, tokens: 't' })).toEqual([]);
    expect(assertKnowsWhoAsks(OUTSIDE, { ...NONE, ...tls, clientCa: 'a' })).toEqual([]);
    expect(() => assertKnowsWhoAsks(OUTSIDE, { ...NONE, ...tls })).toThrow(/--without-tokens/);
  });

  it('is none when it is on the loopback interface', () => {
    for (const host of ['127.0.0.1', 'localhost', '::1']) {
      expect(assertKnowsWhoAsks({ host, port: 7101 }, NONE)).toEqual([]);
    }
  });
});

describe('files', () => {
  let directory: string;
  let said: string[];
  const file = (name: string) => join(directory, name);
  const say = (message: string) => said.push(message);
  const write = (name: string, text: string) => writeFileSync(file(name), text, { mode: 0o600 });
  const token = (name: string) =>
    makeToken({ name, role: 'read', prefixes: [], created: '2026-01-02T03:04:05Z', expires: null });

  beforeAll(() => {
    directory = mkdtempSync(join(tmpdir(), 'statecraft-port-'));
  });
  beforeEach(() => {
    said = [];
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  it('of tokens are read again when they change, and the old ones count when they cannot be', () => {
    const [one, other] = [token('one'), token('other')];
    write('tokens', formatTokens([one.token]));
    const port = new ClientPort('a', { ...NONE, tokens: file('tokens') }, say);
    expect(port.tokens?.find(one.secret).token?.name).toBe('one');
    write('tokens', formatTokens([one.token]).slice(0, 50));
    port.checkFiles();
    expect(said).toEqual([
      expect.stringMatching(/cut off; the tokens that were read before still count$/),
    ]);
    expect(port.tokens?.find(one.secret).token?.name).toBe('one');
    write('tokens', formatTokens([other.token]));
    port.checkFiles();
    expect(said.at(-1)).toMatch(/were reloaded: 1$/);
    expect(port.tokens?.find(one.secret).token).toBeNull();
    expect(port.tokens?.find(other.secret).token?.name).toBe('other');
    port.close();
  });

  it.each([
    ['is not there', () => rmSync(file('tokens'), { force: true }), /there is no token file/],
    ['is damaged', () => write('tokens', '{}'), /is not of the format/],
    [
      'is open to others',
      () => {
        write('tokens', formatTokens([]));
        chmodSync(file('tokens'), 0o640);
      },
      /may be read or changed by others/,
    ],
  ])('of tokens stop a start when one %s', (_, spoil, sentence) => {
    spoil();
    expect(() => new ClientPort('a', { ...NONE, tokens: file('tokens') }, say)).toThrow(sentence);
    rmSync(file('tokens'), { force: true });
  });

  it('of certificates are read again, and handed to the service', async () => {
    const [first, second] = await Promise.all([newAuthority(), newAuthority()]);
    const names = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);
    const [old, next] = [await certified(first, names), await certified(second, names)];
    write('crt', old.cert);
    write('key', old.key);
    write('ca', old.ca);
    const options = { ...NONE, tlsCert: file('crt'), tlsKey: file('key'), clientCa: file('ca') };
    const port = new ClientPort('a', options, say);
    expect(port.scheme).toBe('https');
    expect(port.serviceOptions.tls).toMatchObject({ key: old.key });
    const renewed: TlsContext[] = [];
    port.attach({ renewTls: (tls: TlsContext) => renewed.push(tls) } as unknown as Service);
    write('crt', next.cert);
    port.checkFiles();
    expect(renewed).toEqual([]);
    write('key', next.key);
    write('ca', next.ca);
    port.checkFiles();
    expect(renewed).toMatchObject([{ key: next.key }]);
    expect(renewed[0]?.ca).toContain('BEGIN CERTIFICATE');
    expect(said).toContainEqual(expect.stringMatching(/^the certificate .* was reloaded$/));
    port.close();
    write('key', (await certified(first, clientRequest('x'))).key);
    expect(() => new ClientPort('a', options, say)).toThrow(/does not belong to the certificate/);
  });

  describe('of the audit log', () => {
    const lines = (name: string) =>
      readFileSync(file(name), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
    const time = '2026-01-02T03:04:05.678Z';
    afterEach(() => vi.useRealTimers());

    it('have a line of JSON for each event, whatever is in it, for their owner alone', () => {
      vi.setSystemTime(time);
      const log = new AuditLog(file('audit'), 'a', say);
      log.write({ event: 'refused', path: '/v1/kv/\n\u001b[31m"' });
      log.write({ event: 'write', token: 'app', outcome: '200' });
      log.flush();
      expect(lines('audit')).toEqual([
        { time, server: 'a', event: 'refused', path: '/v1/kv/\n\u001b[31m"' },
        { time, server: 'a', event: 'write', token: 'app', outcome: '200' },
      ]);
      expect(statSync(file('audit')).mode & 0o777).toBe(0o600);
    });

    it('are made anew when they were renamed, and begun where there are some', () => {
      const log = new AuditLog(file('audit'), 'a', say);
      log.write({ event: 'third' });
      log.flush();
      renameSync(file('audit'), file('audit.1'));
      log.write({ event: 'fourth' });
      log.flush();
      expect(lines('audit.1').map(({ event }) => event)).toEqual(['refused', 'write', 'third']);
      expect(lines('audit').map(({ event }) => event)).toEqual(['fourth']);
    });

    it('that cannot be written are reported once, stop nobody, and go on when they can', () => {
      const log = new AuditLog(file('audit'), 'a', say);
      rmSync(file('audit'));
      renameSync(directory, `${directory}-away`);
      for (const event of ['lost', 'lost']) {
        log.write({ event });
        log.flush();
      }
      expect(said).toEqual([
        expect.stringMatching(/^the audit log .* cannot be written \(ENOENT\)/),
      ]);
      renameSync(`${directory}-away`, directory);
      log.write({ event: 'found' });
      log.flush();
      expect(lines('audit').map(({ event }) => event)).toEqual(['found']);
    });

    it('that cannot be opened stop a start', () => {
      const open = () => new AuditLog(join(directory, 'no', 'x'), 'a', say);
      expect(open).toThrow(/^--audit-log .* cannot be written: ENOENT$/);
    });

    it('hear of snapshots and of changes of the configuration', () => {
      const port = new ClientPort('a', { ...NONE, auditLog: file('own') }, say);
      const { onEvent, onEffect } = auditObserver(port);
      const snapshot = { index: 7 };
      onEvent?.({ type: 'snapshot.taken', snapshot } as Parameters<typeof onEvent>[0]);
      onEffect?.({ type: 'restore', snapshot } as Parameters<typeof onEffect>[0]);
      const entries = [
        { type: 'command', index: 8 },
        { type: 'configuration', index: 9 },
      ];
      onEffect?.({ type: 'apply', entries } as unknown as Parameters<typeof onEffect>[0]);
      port.close();
      expect(lines('own').map(({ event, index }) => `${event} ${index}`)).toEqual([
        'snapshot_taken 7',
        'snapshot_installed 7',
        'configuration_changed 9',
      ]);
      expect(auditObserver(new ClientPort('a', NONE, say))).toEqual({});
    });
  });
});
