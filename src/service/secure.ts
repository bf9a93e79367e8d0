/**
 * TLS at the clients' port: what is shown and believed, and a sentence for those who do not get in.
 * Who speaks plain HTTP, or shows no certificate where one is wanted, never reaches the parser.
 */
import { constants } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { before } from './before.ts';
import { Fault } from './errors.ts';

/** PEM, as `node:tls` takes it. */
export interface TlsContext {
  readonly cert: string;
  readonly key: string;
  /** Authorities of clients: with them, every connection shows a certificate of theirs. */
  readonly ca?: string;
}

export interface SecureOptions {
  /** To shake hands, or to say anything at all. */
  readonly timeoutMs: number;
  /** Says why, in HTTP, and that this was all. */
  readonly answer: (socket: Socket, fault: Fault) => void;
  /** Somebody without a certificate that counts was turned away. */
  readonly onRefused: (socket: Socket, fault: Fault) => void;
}

/** A TLS record that begins a handshake. */
const HANDSHAKE = 22;
/** Time to read the answer; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;

/** For `https.createServer`. */
export function tlsOptions({ cert, key, ca }: TlsContext, timeoutMs: number) {
  const shared = { cert, key, minVersion: 'TLSv1.2', handshakeTimeout: timeoutMs } as const;
  if (ca === undefined) return shared;
  // OpenSSL takes a resumed session for a verified one, also when no certificate was ever shown. So
  // there are none, and who shows no certificate is told so instead of being cut off in silence.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { ...shared, ca, requestCert: true, rejectUnauthorized: false, secureOptions };
}

/** Connections go on as they are; the next ones see the new certificate. */
export function renewTls(server: HttpServer, context: TlsContext, timeoutMs: number): void {
  (server as unknown as SecureServer).setSecureContext(tlsOptions(context, timeoutMs));
}

/**
 * Stands before the server's own listeners: of every connection, and of every one that is secure.
 * @returns what ends every connection, whatever it has said so far
 */
export function guardDoor(
  server: HttpServer,
  wantsCertificate: boolean,
  options: SecureOptions,
): () => void {
  const sockets = new Set<Socket>();
  before<[Socket]>(server, 'connection', (go, socket) => {
    sockets.add(socket);
    const cut = () => socket.destroy();
    socket.once('close', () => sockets.delete(socket)).on('error', cut);
    socket.setTimeout(options.timeoutMs).on('timeout', cut);
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.setTimeout(0).off('timeout', cut);
      socket.unshift(first);
      if (first[0] === HANDSHAKE) go();
      else end(socket, plainHttp(), options);
    });
  });
  if (wantsCertificate) guardCertificates(server, options);
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

function guardCertificates(server: HttpServer, options: SecureOptions): void {
  before<[TLSSocket]>(server, 'secureConnection', (go, socket) => {
    const isShown = Object.keys(socket.getPeerCertificate()).length > 0;
    if (socket.authorized && isShown && !socket.isSessionReused()) return go();
    const fault = noCertificate(isShown ? String(socket.authorizationError) : null);
    options.onRefused(socket, fault);
    socket.on('error', () => socket.destroy());
    end(socket, fault, options);
  });
}

function plainHttp(): Fault {
  return new Fault('bad_request', 'this port speaks TLS: ask with https:// instead of http://');
}

function noCertificate(why: string | null): Fault {
  const what = why === null ? 'none was shown' : `the one that was shown is refused: ${why}`;
  return new Fault(
    'unauthenticated',
    `this server wants a certificate of its clients, and ${what}; show one of an authority that ` +
      'it was started with (--tls-cert and --tls-key, curl --cert and --key)',
  );
}

/** The answer is read before the connection is cut. */
function end(socket: Socket, fault: Fault, { answer }: SecureOptions): void {
  answer(socket, fault);
  socket.resume();
  setTimeout(() => socket.destroy(), LINGER_MS).unref();
}
