/** Certificates and keys from files: what is wrong with them is a sentence, and they are renewed. */
import { generateKeyPairSync, KeyObject } from 'node:crypto';
import { chmodSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { hostName } from '../../src/certificates/host-name.ts';
import { peerRequest, serverRequest } from '../../src/certificates/requests.ts';
import { StartError } from '../../src/host/errors.ts';
import { assertOwnCertificate } from '../../src/node/peer-certificate.ts';
import { readTlsFiles, type TlsWatchOptions, watchTlsFiles } from '../../src/node/tls-files.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { X509CertificateGenerator } from '../../src/vendor/x509.ts';
import {
  type Certified,
  CLUSTER,
  certified,
  DAY_MS,
  lasting,
  newAuthority,
  type TestAuthority,
} from './certified.ts';

const LOCAL = serverRequest([hostName('127.0.0.1') ?? { type: 'dns', value: 'localhost' }]);

let directory: string;
let authority: TestAuthority;
let first: Certified;
let second: Certified;
beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-'));
  authority = await newAuthority();
  first = await certified(authority, LOCAL, lasting(20));
  second = await certified(authority, LOCAL, lasting(30));
});
afterAll(() => rmSync(directory, { recursive: true }));
beforeEach(() => {
  put('cert', first.cert);
  put('key', first.key);
  put('ca', authority.cert);
});

const path = (name: string) => join(directory, name);
const paths = () => ({ cert: path('cert'), key: path('key'), ca: path('ca') });

/** As certificates are renewed: written aside, then in its place. */
function put(name: string, text: string | Uint8Array, mode = 0o600): void {
  writeFileSync(path('aside'), text);
  chmodSync(path('aside'), mode);
  renameSync(path('aside'), path(name));
}

/** What is said of what is there, with the directory left out. */
function complaint(now?: Date): string {
  try {
    readTlsFiles(paths(), now);
  } catch (error) {
    expect(error).toBeInstanceOf(StartError);
    return (error as Error).message.replaceAll(`${directory}/`, '');
  }
  return '';
}

describe('a certificate with its key', () => {
  it('is read as node:tls takes it, with the day on which it expires', () => {
    const { cert, key, ca, validUntil, certificate } = readTlsFiles(paths());
    expect({ cert, key, ca }).toEqual({ cert: first.cert, key: first.key, ca: authority.cert });
    expect(Math.round((validUntil.getTime() - Date.now()) / DAY_MS)).toBe(20);
    expect(certificate.subjectAltName).toBe('IP Address:127.0.0.1');
  });

  it('may come with those that lead to an authority: whichever expires first counts', async () => {
    const brief = await certified(authority, LOCAL, lasting(5));
    put('cert', `${first.cert}\n${brief.cert}`);
    const { cert, validUntil } = readTlsFiles(paths());
    expect(cert.match(/BEGIN/g)).toHaveLength(2);
    expect(Math.round((validUntil.getTime() - Date.now()) / DAY_MS)).toBe(5);
  });

  it.each([
    ['cert', 'There is no certificate at cert: '],
    ['key', 'There is no private key at key: '],
    ['ca', 'There is no certificate at ca: '],
  ])('is not read without its file %s', (name, text) => {
    rmSync(path(name));
    expect(complaint()).toContain(text);
  });

  it('is not read from what is no file, or leads nowhere', () => {
    rmSync(path('cert'));
    symlinkSync(path('cert'), path('cert'));
    expect(complaint()).toContain('The certificate cert cannot be read (ELOOP)');
    rmSync(path('cert'));
    symlinkSync(directory, path('cert'));
    expect(complaint()).toContain('cert cannot be a certificate: ');
    rmSync(path('cert'));
  });

  it.each([
    ['cert', '', 'cert holds no certificate: '],
    ['cert', Uint8Array.of(0x30, 0x82, 0x00), 'cert holds no certificate: '],
    ['cert', pem('CERTIFICATE', 'AAAA'), 'Certificate 1 of 1 in cert cannot be read ('],
    ['key', '', 'key holds no private key that can be read ('],
    ['key', pem('PRIVATE KEY', 'AAAA'), 'key holds no private key that can be read ('],
    ['ca', 'ca', 'ca holds no certificate: '],
  ])('is not read when its file %s has something else', (name, text, said) => {
    put(name, text);
    expect(complaint()).toContain(said);
  });

  it('is not read with the key of another, and both files are named', () => {
    put('key', second.key);
    expect(complaint()).toContain('The private key key does not belong to the certificate cert: ');
  });

  it('is not read with a key that needs a passphrase', () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const options = { format: 'pem', cipher: 'aes-256-cbc', passphrase: 'secret' } as const;
    put('key', privateKey.export({ ...options, type: 'pkcs8' }));
    expect(complaint()).toContain('The private key key is encrypted, ');
  });

  it.each([0o640, 0o604, 0o644])('is not read with a key that others may read', (mode) => {
    put('key', first.key, mode);
    expect(complaint()).toContain(
      `can be used by others than its owner (mode 0${mode.toString(8)})`,
    );
  });

  it('names the day on which it expired, and the one before which it is not valid', () => {
    const daysOn = (days: number) => new Date(Date.now() + days * DAY_MS);
    const day = daysOn(20).toISOString().slice(0, 10);
    expect(complaint(daysOn(21))).toContain(`The certificate cert expired on ${day} `);
    expect(complaint(daysOn(-1))).toContain('The certificate cert is not valid before ');
  });

  it('is not read with authorities of which none is valid, or that are none', async () => {
    const old = await newAuthority(lasting(10, 20));
    put('ca', old.cert);
    expect(complaint()).toContain('The certificate ca expired on ');
    put('ca', `${old.cert}${authority.cert}`);
    expect(complaint()).toBe('');
    put('ca', second.cert);
    expect(complaint()).toContain(
      "ca holds a certificate that is not an authority's (CN=127.0.0.1)",
    );
  });

  it('is not read when OpenSSL takes it for too weak', async () => {
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' };
    const size = { modulusLength: 512, publicExponent: Uint8Array.of(1, 0, 1) };
    const keys = await crypto.subtle.generateKey({ ...algorithm, ...size }, true, [
      'sign',
      'verify',
    ]);
    const weak = await X509CertificateGenerator.createSelfSigned({
      keys,
      signingAlgorithm: algorithm,
    });
    put('cert', weak.toString());
    put('key', String(KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' })));
    expect(complaint()).toMatch(/^TLS refuses the certificate cert with its key key \(.*too small/);
  });

  it('shows control characters of its file name as escapes', () => {
    const read = () => readTlsFiles({ ...paths(), cert: path('\u001b[2J') });
    expect(read).toThrow('\\x1b[2J');
  });
});

describe('while a server runs', () => {
  interface Watched {
    readonly files: ReturnType<typeof watchTlsFiles>;
    readonly said: string[];
    pass(durationMs: number): void;
  }

  /** Under which files are looked at twice a day: days pass in no time. */
  class UnhurriedClock extends VirtualClock {
    override setTimeout(callback: () => void, delayMs = 0) {
      return super.setTimeout(callback, Math.max(delayMs, DAY_MS / 2));
    }
  }

  function watch(options: TlsWatchOptions & { readonly clock?: VirtualClock } = {}): Watched {
    const { clock = new VirtualClock() } = options;
    const startedAt = Date.now();
    const said: string[] = [];
    const files = watchTlsFiles(paths(), {
      onChanged: ({ cert }) => said.push(cert === first.cert ? 'first' : 'second'),
      onProblem: (message) => said.push(message.replaceAll(`${directory}/`, '')),
      now: () => new Date(startedAt + clock.now()),
      ...options,
      clock,
    });
    const pass = (durationMs: number) => {
      const until = clock.now() + durationMs;
      while (clock.fireNext(until));
      clock.advanceTo(until);
    };
    return { files, said, pass };
  }

  it('a pair is renewed in two steps: between them the old one is used, and that is said once', () => {
    const { files, said, pass } = watch();
    put('cert', second.cert);
    pass(60_000);
    expect(files.value.cert).toBe(first.cert);
    expect(said).toEqual([expect.stringMatching(/^The private key key does not .* is used\.$/)]);
    put('key', second.key);
    pass(10_000);
    expect(files.value).toMatchObject({ cert: second.cert, key: second.key });
    expect(said.slice(1)).toEqual(['second']);
  });

  it('the authorities are renewed likewise', async () => {
    const { files, pass } = watch();
    const other = await newAuthority();
    put('ca', `${authority.cert}${other.cert}`);
    pass(10_000);
    expect(files.value.ca).toBe(`${authority.cert}${other.cert}`);
  });

  it('one that has expired is refused, and the old one kept', async () => {
    const { files, said, pass } = watch();
    const expired = await certified(authority, LOCAL, lasting(2, 3));
    put('key', expired.key);
    put('cert', expired.cert);
    pass(60_000);
    expect(files.value.cert).toBe(first.cert);
    expect(said).toEqual([expect.stringContaining('The certificate cert expired on ')]);
  });

  it('one that names another server is refused, and the old one kept', async () => {
    const own = await certified(authority, peerRequest(CLUSTER, 'a', []), lasting(20));
    const others = await certified(authority, peerRequest(CLUSTER, 'b', []), lasting(20));
    put('cert', own.cert);
    put('key', own.key);
    const { files, said, pass } = watch({
      check: ({ certificate }) => assertOwnCertificate(path('cert'), certificate, CLUSTER, 'a'),
    });
    put('key', others.key);
    put('cert', others.cert);
    pass(10_000);
    expect(files.value.cert).toBe(own.cert);
    expect(said).toEqual([expect.stringContaining('No peer of server a would accept cert: ')]);
  });

  it('its end is announced once a day, from fourteen days before', () => {
    const clock = new UnhurriedClock();
    const startedAt = Date.now() + 4.5 * DAY_MS;
    const now = () => new Date(startedAt + clock.now());
    const { files, said, pass } = watch({ clock, now });
    pass(DAY_MS);
    expect(said).toEqual([]);
    pass(2 * DAY_MS);
    const days = (left: number) =>
      expect.stringContaining(`The certificate cert expires in ${left} days, on `);
    expect(said).toEqual([days(13), days(12)]);
    files.stop();
    pass(DAY_MS);
    expect(said).toHaveLength(2);
  });

  it('new connections get the new certificate, and those that are open stay', async () => {
    const { files, pass } = watch({ onChanged: (material) => server.setSecureContext(material) });
    const server = createServer(files.value);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const dial = async () => {
      const socket = connect({ port, host: '127.0.0.1', ca: authority.cert });
      await new Promise<void>((resolve, reject) => {
        socket.once('secureConnect', resolve).once('error', reject);
      });
      return { socket, serial: socket.getPeerX509Certificate()?.serialNumber };
    };
    const before = await dial();
    put('key', second.key);
    put('cert', second.cert);
    pass(10_000);
    const after = await dial();
    expect(after.serial).not.toBe(before.serial);
    expect(before.socket.destroyed).toBe(false);
    for (const { socket } of [before, after]) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

function pem(label: string, text: string): string {
  return `-----BEGIN ${label}-----\n${text}\n-----END ${label}-----\n`;
}
