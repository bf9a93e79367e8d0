/**
 * HTTP for clients by Node.js's own module: connections are kept and reused, and an exchange costs a
 * fraction of what it costs through `fetch`.
 */
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest, Agent as SecureAgent } from 'node:https';
import type { HttpPort, HttpResponse } from '../ports/http.ts';

/** For `https` addresses, as PEM. */
export interface NodeHttpPortOptions {
  /** The authorities whose certificates are accepted, instead of those of Node.js. */
  readonly ca?: string;
  /** Our own, for servers that want one of their clients; `key` is its private key. */
  readonly cert?: string;
  readonly key?: string;
}

/** Requests alone, for a program that makes one or two. Idle connections do not keep the process alive. */
export function nodeHttpRequests(tls: NodeHttpPortOptions = {}): HttpPort {
  const options = { keepAlive: true, noDelay: true, maxFreeSockets: 256 };
  const secure = { ...options, ...tls, minVersion: 'TLSv1.2' } as const;
  const agents = { http: new Agent(options), https: new SecureAgent(secure) };
  return {
    send({ method, endpoint, path, headers, body, connectWithinMs }, done) {
      const isSecure = endpoint.startsWith('https:');
      const { hostname, port } = addressOf(endpoint);
      const request = (isSecure ? httpsRequest : httpRequest)({
        agent: isSecure ? agents.https : agents.http,
        method,
        hostname,
        port,
        path,
        headers: { ...headers, 'Content-Length': body?.byteLength ?? 0 },
      });
      let isOver = false;
      /** A socket that was never connected has sent nothing; a kept one may have. */
      let isConnected = false;
      let timer: NodeJS.Timeout | undefined;
      const end: typeof done = (ending, code) => {
        if (isOver) return;
        isOver = true;
        clearTimeout(timer);
        done(ending, code);
      };
      const giveUp = () => {
        end('refused', 'ETIMEDOUT');
        request.destroy();
      };
      request.on('socket', (socket) => {
        isConnected = !socket.connecting;
        if (isConnected) return;
        if (connectWithinMs !== undefined) timer = setTimeout(giveUp, connectWithinMs);
        socket.once(isSecure ? 'secureConnect' : 'connect', () => {
          isConnected = true;
          clearTimeout(timer);
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        end(isConnected ? 'lost' : 'refused', error.code);
      });
      request.on('response', (response) => {
        const parts: Buffer[] = [];
        response.on('data', (part: Buffer) => parts.push(part));
        response.on('end', () => end(response.complete ? answerOf(response, parts) : 'lost'));
        response.on('error', () => end('lost'));
        response.on('close', () => end('lost'));
      });
      request.end(body ?? undefined);
      return () => {
        isOver = true;
        clearTimeout(timer);
        request.destroy();
        return isConnected;
      };
    },
    close() {
      agents.http.destroy();
      agents.https.destroy();
    },
  };
}

const addresses = new Map<string, { hostname: string; port: string }>();

/** Parsing a URL costs more than the rest of a send; a client talks to a handful of servers. */
function addressOf(endpoint: string): { hostname: string; port: string } {
  const known = addresses.get(endpoint);
  if (known !== undefined) return known;
  const { hostname, port, protocol } = new URL(endpoint);
  const address = {
    hostname: hostname.replace(/^\[|\]$/g, ''),
    port: port || (protocol === 'https:' ? '443' : '80'),
  };
  addresses.set(endpoint, address);
  return address;
}

function answerOf(response: IncomingMessage, parts: readonly Buffer[]): HttpResponse {
  const [only] = parts;
  return {
    status: response.statusCode ?? 0,
    header(name) {
      const value = response.headers[name];
      return typeof value === 'string' ? value : null;
    },
    body: parts.length === 1 && only !== undefined ? only : Buffer.concat(parts),
  };
}
