/** What a client on Node.js is given: requests over HTTP, and streams. */
import type { HttpPort } from '../ports/http.ts';
import { type NodeHttpPortOptions, nodeHttpRequests } from './http-requests.ts';
import { openNodeStream } from './node-stream.ts';

export type { NodeHttpPortOptions };

/** A port for `connect({ http })`. Idle connections do not keep the process alive. */
export function nodeHttpPort(tls: NodeHttpPortOptions = {}): HttpPort {
  return { ...nodeHttpRequests(tls), openStream: openNodeStream(tls) };
}
