/** Who passes for whom with which certificate, over TLS in one process. */
import { X509Certificate as NodeCertificate } from 'node:crypto';
import { connect, createServer, type DetailedPeerCertificate, type TLSSocket } from 'node:tls';
import { beforeAll, describe, expect, it } from 'vitest';
import { issue, renewAuthority } from '../../src/certificates/issue.ts';
import {
  type CertificateRequest,
  clientRequest,
  peerRequest,
  serverRequest,
} from '../../src/certificates/requests.ts';
import {
  assertOwnCertificate,
  certificateRefusal,
  isSignedBy,
  peerUri,
} from '../../src/node/peer-certificate.ts';
import {
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '../../src/vendor/x509.ts';
import {
  authorityOf,
  type Certified,
  CLUSTER,
  certified,
  lasting,
  newAuthority,
  type TestAuthority,
} from './certified.ts';

const LOCAL = serverRequest([
  { type: 'ip', value: '127.0.0.1' },
  { type: 'dns', value: 'node1.example' },
]);

let authority: TestAuthority;
let a: Certified;
let b: Certified;
beforeAll(async () => {
  authority = await newAuthority();
  a = await certified(authority, peerRequest(CLUSTER, 'a', []));
  b = await certified(authority, peerRequest(CLUSTER, 'b', []));
});

type Shown = DetailedPeerCertificate;

/** What each end makes of the other: its certificate, or why it does not want it. */
interface Met {
  readonly acceptor: Shown | string;
  readonly dialler: Shown | string;
}

/** Two peers, which compare no host names. */
function meet(acceptor: Certified, dialler: Certified): Promise<Met> {
  return dial(acceptor, { ...dialler, checkServerIdentity: () => undefined });
}

async function dial(
  acceptor: Certified,
  options: Partial<Certified> & {
    readonly servername?: string;
    readonly checkServerIdentity?: () => undefined;
  },
): Promise<Met> {
  const requestCert = options.cert !== undefined;
  const server = createServer({ ...acceptor, requestCert, rejectUnauthorized: requestCert });
  const shown = (socket: TLSSocket) => socket.getPeerCertificate(true);
  const codeOf = (error: Error) => (error as NodeJS.ErrnoException).code ?? error.message;
  const accepted = new Promise<Shown | string>((resolve) => {
    server.once('secureConnection', (socket) => resolve(shown(socket.on('error', () => {}))));
    // The error says that the connection has ended; why it was not wanted, its socket says.
    server.once('tlsClientError', (error, { authorizationError }) => {
      resolve(String(authorizationError ?? codeOf(error)));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const socket = connect({ port, host: '127.0.0.1', ...options });
  const dialled = new Promise<Shown | string>((resolve) => {
    socket.once('secureConnect', () => resolve(shown(socket)));
    socket.on('error', (error) => resolve(codeOf(error)));
  });
  const met = { acceptor: await accepted, dialler: await dialled };
  socket.destroy();
  await new Promise((resolve) => server.close(resolve));
  return met;
}

const named = (id: string) =>
  expect.objectContaining({ subjectaltname: `URI:${peerUri(CLUSTER, id)}` });

describe('two peers', () => {
  it('know each other by certificates of one authority', async () => {
    const { acceptor, dialler } = await meet(a, b);
    expect({ acceptor, dialler }).toEqual({ acceptor: named('b'), dialler: named('a') });
    expect(certificateRefusal(acceptor as Shown, CLUSTER, 'b')).toBeNull();
    expect(certificateRefusal(dialler as Shown, CLUSTER, 'a')).toBeNull();
  });

  it('still do when the authority has been renewed', async () => {
    const renewed = (await renewAuthority(authority, lasting(200))).cert;
    expect(new NodeCertificate(renewed).validTo).not.toBe(
      new NodeCertificate(authority.cert).validTo,
    );
    const { acceptor, dialler } = await meet({ ...a, ca: renewed }, { ...b, ca: renewed });
    expect({ acceptor, dialler }).toEqual({ acceptor: named('b'), dialler: named('a') });
  });

  it('know each other while one authority takes the place of another of that name', async () => {
    const next = await newAuthority();
    const moved = await certified(next, peerRequest(CLUSTER, 'b', []));
    for (const ca of [authority.cert + next.cert, next.cert + authority.cert]) {
      const { acceptor, dialler } = await meet({ ...a, ca }, { ...moved, ca });
      expect({ acceptor, dialler }).toEqual({ acceptor: named('b'), dialler: named('a') });
    }
  });

  it('refuse a certificate that another authority of the same name has made', async () => {
    const foreign = await certified(await newAuthority(), peerRequest(CLUSTER, 'b', []));
    const stranger = { ...foreign, ca: authority.cert };
    expect(await meet(a, stranger)).toMatchObject({
      acceptor: expect.stringMatching(/VERIFY|SIGN/),
    });
    expect(await meet(stranger, a)).toMatchObject({
      dialler: expect.stringMatching(/VERIFY|SIGN/),
    });
  });

  it('refuse a certificate that has expired, or is not valid yet', async () => {
    const expired = await certified(authority, peerRequest(CLUSTER, 'b', []), lasting(1, 2));
    expect(await meet(a, expired)).toMatchObject({ acceptor: 'CERT_HAS_EXPIRED' });
    expect(await meet(expired, a)).toMatchObject({ dialler: 'CERT_HAS_EXPIRED' });
    const early = await certified(authority, peerRequest(CLUSTER, 'b', []), lasting(9, -2));
    expect(await meet(a, early)).toMatchObject({ acceptor: 'CERT_NOT_YET_VALID' });
  });

  it("refuse a server's certificate from a client, and a client's from a server", async () => {
    const server = await certified(authority, LOCAL);
    const client = await certified(authority, clientRequest('alice'));
    expect(await meet(a, server)).toMatchObject({ acceptor: 'INVALID_PURPOSE' });
    expect(await meet(client, a)).toMatchObject({ dialler: 'INVALID_PURPOSE' });
  });

  it('refuse a certificate that one of them has signed', async () => {
    const forger = authorityOf(a.cert, a.key);
    // `issue` asks an authority for its key identifier, which every certificate has.
    const forged = await issue(forger, peerRequest(CLUSTER, 'b', []), lasting(5));
    const stranger = { cert: forged.cert + a.cert, key: forged.key, ca: authority.cert };
    expect(await meet(a, stranger)).toMatchObject({
      acceptor: expect.stringMatching(/UNSPECIFIED|INVALID_CA/),
    });
    expect(await meet(stranger, a)).toMatchObject({
      dialler: expect.stringMatching(/UNSPECIFIED|INVALID_CA/),
    });
  });

  it('want a certificate', async () => {
    const server = dial(a, { ca: authority.cert, checkServerIdentity: () => undefined });
    expect((await server).acceptor).toEqual({});
    expect(certificateRefusal({}, CLUSTER, 'b')).toContain('names nobody in subjectAltName');
  });
});

describe('a client', () => {
  it('finds the host that it asked for in the certificate of a server, and no other', async () => {
    const server = await certified(authority, LOCAL);
    const { ca } = server;
    expect((await dial(server, { ca })).dialler).toMatchObject({ subject: { CN: '127.0.0.1' } });
    const dialled = await dial(server, { ca, servername: 'node1.example' });
    expect(dialled.dialler).toMatchObject({ subject: { CN: '127.0.0.1' } });
    const other = await dial(server, { ca, servername: 'node2.example' });
    expect(other.dialler).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  it('is known by its name, and a peer is no client of any name', async () => {
    const server = await certified(authority, LOCAL);
    const alice = await certified(authority, clientRequest('alice'));
    expect(await meet(server, alice)).toMatchObject({ acceptor: { subject: { CN: 'alice' } } });
    const { acceptor } = await meet(server, a);
    expect((acceptor as Shown).subject).toEqual({ O: 'Statecraft server', OU: 'a' });
  });
});

describe('the name of a peer', () => {
  const san = (text: string) => ({ subjectaltname: text });

  it.each([
    ['URI:statecraft:C:a', true],
    ['DNS:node1.example, URI:statecraft:C:a', true],
    ['URI:statecraft:C:b, URI:statecraft:C:a', true],
    ['URI:statecraft:C:A', false],
    ['URI:statecraft:c:a', false],
    ['URI:Statecraft:C:a', false],
    ['URI:statecraft:D:a', false],
    ['URI:statecraft:C:ab', false],
    ['URI:statecraft:C:a ', false],
    ['URI:xstatecraft:C:a', false],
    ['DNS:statecraft:C:a', false],
    ['DNS:URI:statecraft:C:a', false],
    ['URI:"x", URI:statecraft:C:a', false],
    ['', false],
  ])('is compared exactly: %j', (text, isNamed) => {
    expect(certificateRefusal(san(text), 'C', 'a') === null).toBe(isNamed);
  });

  it.each([
    { type: 'url', value: 'x, URI:statecraft:C:a' },
    { type: 'url', value: 'x", URI:statecraft:C:a, "' },
    { type: 'dns', value: 'x, URI:statecraft:C:a' },
    { type: 'dn', value: 'CN=x\\, URI:statecraft:C:a' },
    { type: 'email', value: 'x, URI:statecraft:C:a, y' },
    { type: 'url', value: 'statecraft:C:a\u0000' },
    { type: 'url', value: 'statecraft:C:a\n' },
  ] as const)('cannot be smuggled into another entry: $value', async (entry) => {
    const other = { type: 'url', value: 'statecraft:C:b' } as const;
    const text = await subjectAltName([other, entry]);
    expect(certificateRefusal(san(text), 'C', 'a')).toContain('could be taken for several');
    // Not even the name that it does have counts beside such a one.
    expect(certificateRefusal(san(text), 'C', 'b')).toContain('could be taken for several');
  });

  it('is the one that a made certificate has, and with it only the hosts that were asked for', async () => {
    const hosts = [{ type: 'dns', value: 'node1.example' }] as const;
    const made = await certified(authority, peerRequest(CLUSTER, 'a', hosts));
    const { subjectAltName: text } = new NodeCertificate(made.cert);
    expect(text).toBe(`URI:${peerUri(CLUSTER, 'a')}, DNS:node1.example`);
  });

  it('comes with both usages: a peer dials and is dialled', async () => {
    const shown = { ...san('URI:statecraft:C:a'), ext_key_usage: ['1.3.6.1.5.5.7.3.1'] };
    expect(certificateRefusal(shown, 'C', 'a')).toBe('its certificate may not be used by a client');
  });

  it('is looked at by its own server before any other does', async () => {
    const own = (request: CertificateRequest) => certified(authority, request).then(asserted);
    const asserted =
      ({ cert }: Certified) =>
      () =>
        assertOwnCertificate('peer.crt', new NodeCertificate(cert), CLUSTER, 'a');
    expect(await own(peerRequest(CLUSTER, 'a', []))).not.toThrow();
    expect(await own(peerRequest(CLUSTER, 'A', []))).toThrow(
      `No peer of server a would accept peer.crt: its certificate names URI:statecraft:${CLUSTER}:A`,
    );
    expect(await own(LOCAL)).toThrow('names IP Address:127.0.0.1, DNS:node1.example, not URI:');
  });

  it('is shown on one line, and not at any length', () => {
    const text = `URI:\u001b[2J\n${'x'.repeat(10_000)}`;
    const refusal = certificateRefusal(san(text), 'C', 'a') ?? '';
    expect(refusal).toContain('URI:\\x1b[2J\\nxxx');
    expect(refusal.length).toBeLessThan(400);
  });
});

/** As Node.js writes the entries of a certificate. */
async function subjectAltName(
  entries: ConstructorParameters<typeof SubjectAlternativeNameExtension>[0] & object,
): Promise<string> {
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    keys,
    signingAlgorithm: algorithm,
    extensions: [new SubjectAlternativeNameExtension(entries)],
  });
  return new NodeCertificate(certificate.toString()).subjectAltName ?? '';
}

describe('whether an authority that is accepted now has signed a certificate of before', () => {
  const of = ({ cert }: { cert: string }) => new NodeCertificate(cert);

  it('it has, alone, beside another, or renewed', async () => {
    const other = await newAuthority();
    const renewed = await renewAuthority(authority, lasting(200));
    for (const accepted of [authority.cert, other.cert + authority.cert, renewed.cert]) {
      expect(isSignedBy(accepted, of(a))).toBe(true);
    }
  });

  it('another of the same name has not, and nobody has signed none', async () => {
    const other = await newAuthority();
    expect(isSignedBy(other.cert, of(a))).toBe(false);
    expect(isSignedBy(authority.cert, undefined)).toBe(false);
  });
});
