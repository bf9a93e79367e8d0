/** `statecraft certificates`: what it makes, what it never touches, and what it says. */
import { spawnSync } from 'node:child_process';
import { createPrivateKey, createPublicKey, generateKeyPairSync } from 'node:crypto';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { hostName } from '../../src/certificates/host-name.ts';
import { makeAuthority } from '../../src/certificates/issue.ts';
import { run } from '../../src/cli/program.ts';
import { clusterIdOf } from '../../src/formats/cluster-id.ts';
import {
  BasicConstraintsExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '../../src/vendor/x509.ts';
import { DAY_MS, lasting } from './certified.ts';
import { faultRows } from './operations-page.ts';

interface Ended {
  readonly code: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

let directory: string;
let umask: number;
beforeEach(() => {
  umask = process.umask(0o022);
  directory = mkdtempSync(join(tmpdir(), 'statecraft-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
  process.umask(umask);
});

/** In this process, with `--dir` added where it is known. */
async function certificates(command: string, ...words: readonly string[]): Promise<Ended> {
  const place = command === 'show' ? [] : ['--dir', directory];
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  const before = process.exitCode;
  process.exitCode = 0;
  try {
    await run(['node', 'statecraft', 'certificates', command, ...place, ...words]);
    return { code: process.exitCode, ...written };
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
}

const path = (name: string) => join(directory, name);
const text = (name: string) => readFileSync(path(name), 'utf8');
const certificate = (name: string) => new X509Certificate(text(name));
const modeOf = (name: string) => (statSync(path(name)).mode & 0o777).toString(8);
const PEER = ['peer', '--id', 'a', '--servers', 'a,b,c'] as const;
const SERVER = ['server', '--host', '127.0.0.1', '--host', 'node1.example'] as const;
const CLIENT = ['client', '--name', 'alice'] as const;
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;

describe('the command', () => {
  it('makes an authority and certificates, keys for their owner only, and says what is next', async () => {
    const authority = await certificates('authority');
    expect(authority).toMatchObject({ code: 0, stderr: '' });
    expect(authority.stdout).toMatch(
      /^made .*ca\.crt and .*ca\.key: .*, valid until \d{4}-.* UTC$/m,
    );
    const peer = await certificates(...PEER);
    const clusterId = clusterIdOf('statecraft', ['a', 'b', 'c']);
    expect(peer.stdout).toContain(`server a of cluster ${clusterId}, valid until `);
    const flags = `--peer-cert ${path('peer-a.crt')} --peer-key ${path('peer-a.key')}`;
    expect(peer.stdout).toContain(`start it with ${flags} --peer-ca ${path('ca.crt')}`);
    const server = await certificates(...SERVER);
    expect(server.stdout).toContain(`--tls-cert ${path('server.crt')} --tls-key `);
    expect((await certificates(...CLIENT)).stdout).toContain(`--client-ca ${path('ca.crt')}`);
    const names = ['ca', 'client-alice', 'peer-a', 'server'];
    const files = names.flatMap((name) => [`${name}.crt`, `${name}.key`]);
    expect(readdirSync(directory).sort()).toEqual(files);
    for (const file of files) expect(modeOf(file)).toBe(file.endsWith('.key') ? '600' : '644');
    const serials = names.map((name) => certificate(`${name}.crt`).serialNumber);
    expect(new Set(serials).size).toBe(4);
    for (const serial of serials) expect(serial.length).toBeGreaterThan(26);
  });

  it('makes a peer of the cluster that it is told, by name and ids or by its id', async () => {
    await certificates('authority');
    const named = await certificates(...PEER, '--cluster-name', 'other');
    expect(named.stdout).toContain(`cluster ${clusterIdOf('other', ['a', 'b', 'c'])},`);
    const later = await certificates('peer', '--id', 'd', '--cluster-id', 'ab'.repeat(16));
    expect(later.stdout).toContain(`server d of cluster ${'ab'.repeat(16)},`);
  });

  it('never writes over a file, and leaves none of a pair behind', async () => {
    await certificates('authority');
    const before = text('ca.crt') + text('ca.key');
    expect(await certificates('authority')).toMatchObject({ code: 1, stdout: '' });
    expect(text('ca.crt') + text('ca.key')).toBe(before);
    for (const [there, other] of [
      ['peer-a.crt', 'peer-a.key'],
      ['peer-a.key', 'peer-a.crt'],
    ] as const) {
      writeFileSync(path(there), 'mine');
      expect((await certificates(...PEER)).stderr).toContain(`${there} already exists, `);
      expect(text(there)).toBe('mine');
      expect(readdirSync(directory)).not.toContain(other);
      rmSync(path(there));
    }
  });

  it('renews a certificate with a new key, in the place of the old one', async () => {
    await certificates('authority');
    await certificates(...SERVER);
    const before = { cert: text('server.crt'), key: text('server.key') };
    const { code, stdout } = await certificates(...SERVER, '--renew', '--days', '30');
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringContaining('no restart is needed'),
    });
    expect(text('server.crt')).not.toBe(before.cert);
    expect(text('server.key')).not.toBe(before.key);
    expect(modeOf('server.key')).toBe('600');
    expect(readdirSync(directory)).toHaveLength(4);
  });

  it('renews an authority with its name and key: what it has signed stays good', async () => {
    await certificates('authority', '--days', '30', '--name', 'Ours');
    const before = { cert: certificate('ca.crt'), key: text('ca.key') };
    await certificates(...PEER);
    expect((await certificates('authority', '--renew')).code).toBe(0);
    const { subject, notAfter, publicKey } = certificate('ca.crt');
    expect(subject).toBe('CN=Ours');
    expect(notAfter > before.cert.notAfter).toBe(true);
    expect(text('ca.key')).toBe(before.key);
    expect(await certificate('peer-a.crt').verify({ publicKey })).toBe(true);
  });

  it('dates a certificate back a little, and never beyond its authority', async () => {
    await certificates('authority', '--days', '30');
    const { stdout } = await certificates(...SERVER, '--days', '60');
    const made = certificate('server.crt');
    expect(made.notAfter).toEqual(certificate('ca.crt').notAfter);
    expect(stdout).toContain(', as long as its authority');
    const agoMs = Date.now() - made.notBefore.getTime();
    expect(agoMs).toBeGreaterThan(DAY_MS / 24 / 30);
    expect(agoMs).toBeLessThan(DAY_MS / 24);
  });

  it('takes a name as it is, whatever it looks like', async () => {
    const name = 'Größe, "O=Other"+CN=x\\ #1;<>=';
    expect((await certificates('authority', '--name', name)).code).toBe(0);
    expect(certificate('ca.crt').subjectName.getField('CN')).toEqual([name]);
    expect(certificate('ca.crt').subjectName.toJSON()).toHaveLength(1);
    await certificates(...CLIENT);
    expect(certificate('client-alice.crt').issuerName.getField('CN')).toEqual([name]);
  });

  it.each(['ca', 'CA', '-x', '.x', 'a/b', 'a b', '', 'x'.repeat(65)])(
    'gives no certificate a name that would be another file: %j',
    async (name) => {
      const { code, stderr } = await certificates('server', '--host', 'a', `--name=${name}`);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('A name has ') });
    },
  );

  it.runIf(hasOpenssl)('makes what openssl believes, strictly and for its use only', async () => {
    await certificates('authority', '--name', 'Größe, "O=x"', '--days', '36500');
    for (const words of [PEER, SERVER, CLIENT]) await certificates(words[0], ...words.slice(1));
    const verify = (file: string, purpose: string) =>
      spawnSync('openssl', [
        ...['verify', '-x509_strict', '-purpose', purpose],
        ...['-CAfile', path('ca.crt'), path(file)],
      ]).status === 0;
    const uses = ['peer-a.crt', 'server.crt', 'client-alice.crt'].map((file) => [
      verify(file, 'sslserver'),
      verify(file, 'sslclient'),
    ]);
    expect(uses).toEqual([
      [true, true],
      [true, false],
      [false, true],
    ]);
  });
});

describe('show', () => {
  it('says in plain words what is in a certificate', async () => {
    await certificates('authority');
    await certificates(...PEER, '--host', '10.0.0.1');
    writeFileSync(path('both'), text('peer-a.crt') + text('ca.crt'));
    const clusterId = clusterIdOf('statecraft', ['a', 'b', 'c']);
    const { stdout } = await certificates('show', path('both'));
    const lines = stdout.trimEnd().split('\n');
    expect(lines).toEqual([
      `${path('both')}, certificate 1 of 2`,
      '  for         O=Statecraft server, OU=a',
      `  names       server a of cluster ${clusterId} (URI statecraft:${clusterId}:a)`,
      '  names       IP address 10.0.0.1',
      '  may be used as a TLS server, as a TLS client',
      '  issued by   CN=Statecraft authority',
      expect.stringMatching(/^ {2}valid {7}from .* UTC until .* UTC: 36[45] days left$/),
      '  key         ec prime256v1',
      expect.stringMatching(/^ {2}serial {6}[0-9a-f]+$/),
      `${path('both')}, certificate 2 of 2`,
      '  for         CN=Statecraft authority',
      '  names       none',
      '  may be used as an authority: it signs certificates',
      '  issued by   itself',
      expect.stringMatching(/: 36(?:49|50) days left$/),
      '  key         ec prime256v1',
      expect.stringMatching(/^ {2}serial /),
    ]);
  });

  it('shows what a stranger wrote on one line, and what has expired', async () => {
    const made = await makeAuthority('x\u001b[2J\nfor CN=me', lasting(1, 3));
    writeFileSync(path('strange'), made.cert);
    const { stdout } = await certificates('show', path('strange'));
    expect(stdout).toContain('CN=x\\x1b[2J\\0Afor CN=me\n');
    expect(stdout).toMatch(/: EXPIRED 2 days ago$/m);
  });
});

describe('a host of a certificate', () => {
  it.each([
    ['node1.example', 'dns', 'node1.example'],
    ['Node1.Example', 'dns', 'node1.example'],
    ['größe.example', 'dns', 'xn--gre-6ka8i.example'],
    ['my_service', 'dns', 'my_service'],
    ['*.example', 'dns', '*.example'],
    ['10.0.0.1', 'ip', '10.0.0.1'],
    ['::1', 'ip', '::1'],
    ['[fe80::1]', 'ip', 'fe80::1'],
  ])('is a name or an address: %s', (given, type, value) => {
    expect(hostName(given)).toEqual({ type, value });
  });

  it.each([
    ...['', '.', '-a', 'a-', 'a..b', 'a.', 'a b', 'a,b', 'a"b', 'a/b', 'a@b', 'a%62', 'a\n', '*'],
    ...['a:80', '10.0.0.1:80', 'http://a', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '*.*.a', 'a*.b'],
    ...['x'.repeat(64), `${'x.'.repeat(127)}x`, 'a", URI:statecraft:C:a'],
  ])('is nothing else: %j', (given) => {
    expect(hostName(given)).toBeNull();
  });
});

describe('every fault ends as docs/operations.md says', () => {
  const rows = faultRows('Certificates');

  async function makeOld(): Promise<void> {
    const { cert, key } = await makeAuthority('Old', lasting(1, 3));
    writeFileSync(path('ca.crt'), cert);
    writeFileSync(path('ca.key'), key, { mode: 0o600 });
  }

  async function putKey(namedCurve: string): Promise<void> {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve });
    writeFileSync(path('ca.key'), privateKey.export({ type: 'pkcs8', format: 'pem' }));
  }

  const provoked: Readonly<Record<string, () => Promise<Ended>>> = {
    'files that already exist': () => certificates('authority'),
    '`--renew` where there is nothing to renew': () => certificates(...PEER, '--renew'),
    'a directory without an authority': () => {
      rmSync(path('ca.crt'));
      return certificates(...PEER);
    },
    "a key that is not the authority's": async () => {
      await putKey('P-256');
      return certificates(...PEER);
    },
    'an authority of another kind': async () => {
      await putKey('P-384');
      writeFileSync(path('ca.crt'), await otherAuthority(text('ca.key')));
      return certificates(...PEER);
    },
    'an authority that has expired': async () => {
      await makeOld();
      return certificates(...PEER);
    },
    "an authority's key that others may read": () => {
      chmodSync(path('ca.key'), 0o640);
      return certificates(...PEER);
    },
    'a directory that cannot be written': () => {
      mkdirSync(path('file'));
      writeFileSync(path('file/certs'), '');
      return certificates('authority', '--dir', path('file/certs/below'));
    },
    'a file to show without a certificate': () => certificates('show', path('ca.key')),
    'a peer of no cluster, or of two': () => certificates('peer', '--id', 'a'),
    'an id that is not in `--servers`': () => certificates('peer', '--id', 'd', '--servers', 'a,b'),
    'a host with a port': () => certificates('server', '--host', 'a:80'),
    'a name that cannot be a file name': () => certificates('client', '--name', '../alice'),
    'an invalid number of days': () => certificates(...PEER, '--days', '0'),
  };

  it.each(rows)('$fault', async ({ fault, text: said, answer }) => {
    await certificates('authority');
    const { code, stdout, stderr } = (await provoked[fault]?.()) ?? {};
    const lines = stderr?.split('\n') ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[0]?.replace(/^statecraft: /, '')).toMatch(said);
    expect(`${code}`).toBe(answer);
    expect(stdout).toBe('');
  });

  it('and each of them is provoked here', () => {
    expect(Object.keys(provoked).sort()).toEqual(rows.map(({ fault }) => fault).sort());
  });
});

/** An authority whose key is of another curve. */
async function otherAuthority(key: string): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-384', hash: 'SHA-384' };
  const { subtle } = crypto;
  const pkcs8 = createPrivateKey(key).export({ type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(key).export({ type: 'spki', format: 'der' });
  const keys = {
    privateKey: await subtle.importKey('pkcs8', pkcs8, algorithm, true, ['sign']),
    publicKey: await subtle.importKey('spki', spki, algorithm, true, ['verify']),
  };
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new BasicConstraintsExtension(true, 0, true)],
  });
  return certificate.toString();
}
