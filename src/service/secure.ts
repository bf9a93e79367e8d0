/**
 * TLS at the clients' port, with an explanation for those who are not let in: clients that speak
 * plain HTTP, or show no certificate where one is required, never reach the parser.
 */
import { constants } from 'node:crypto';
import type { Server as HttpServer } from 'node:http';
import type { Server as SecureServer } from 'node:https';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { ServiceContext, TlsContext } from './context.ts';
import { badRequest, HttpError } from './errors.ts';
import { intercept } from './intercept.ts';
import { sendRawError } from './malformed.ts';

/** For the header of a request, for a TLS handshake, and until the first byte of a connection. */
export const HEADERS_TIMEOUT_MS = 10_000;
/** A TLS record that begins a handshake. */
const HANDSHAKE = 22;

/** For `https.createServer`. */
export function tlsOptions({ cert, key, ca }: TlsContext) {
  const handshakeTimeout = HEADERS_TIMEOUT_MS;
  const shared = { cert, key, minVersion: 'TLSv1.2', handshakeTimeout } as const;
  if (ca === undefined) return shared;
  // OpenSSL considers a resumed session verified, even when no certificate was ever shown. So there
  // are none, and a client without a certificate gets an answer instead of a closed connection.
  const secureOptions = constants.SSL_OP_NO_TICKET;
  return { ...shared, ca, requestCert: true, rejectUnauthorized: false, secureOptions };
}

/** Existing connections continue as they are; new ones get the new certificate. */
export function renewTls(server: HttpServer, context: TlsContext): void {
  (server as unknown as SecureServer).setSecureContext(tlsOptions(context));
}

/**
 * Runs before the server's own listeners, for every connection.
 * @returns what closes every connection, whatever its state
 */
export function guardConnections(server: HttpServer, context: ServiceContext): () => void {
  const sockets = new Set<Socket>();
  intercept<[Socket]>(server, 'connection', (proceed, socket) => {
    sockets.add(socket);
    const cut = () => socket.destroy();
    socket.once('close', () => sockets.delete(socket)).on('error', cut);
    socket.setTimeout(HEADERS_TIMEOUT_MS).on('timeout', cut);
    socket.once('readable', () => {
      const first = socket.read(1) as Buffer | null;
      if (first === null) return;
      socket.setTimeout(0).off('timeout', cut);
      socket.unshift(first);
      if (first[0] === HANDSHAKE) proceed();
      else {
        const error = badRequest('this port uses TLS: use https:// instead of http://');
        sendRawError(socket, error, context);
      }
    });
  });
  if (context.tls?.ca !== undefined) {
    intercept<[TLSSocket]>(server, 'secureConnection', (go, socket) => {
      const isShown = Object.keys(socket.getPeerCertificate()).length > 0;
      if (socket.authorized && isShown && !socket.isSessionReused()) return go();
      const error = noCertificate(isShown ? String(socket.authorizationError) : null);
      context.audit.connectionRefused(socket, error);
      socket.on('error', () => socket.destroy());
      sendRawError(socket, error, context);
    });
  }
  return () => {
    for (const socket of sockets) socket.destroy();
  };
}

function noCertificate(why: string | null): HttpError {
  const what = why === null ? 'none was shown' : `the one that was shown is refused: ${why}`;
  return new HttpError(
    'unauthenticated',
    `this server requires a certificate of its clients, and ${what}; show one from an authority ` +
      'that it was started with (--tls-cert and --tls-key, curl --cert and --key)',
  );
}
