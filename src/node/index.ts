/** The door for Node.js: disks and sockets. */

export type { KnownPeers, PeerMemory } from '../ports/peer-memory.ts';
export { type DirectoryStorage, type FileStorageOptions, fileStorage } from './file-storage.ts';
export { type NodeHttpPortOptions, nodeHttpPort } from './http-port.ts';
export { ListenError } from './listen-error.ts';
export type { ListenAddress } from './peer-addresses.ts';
export { filePeerMemory } from './peer-memory.ts';
export type { ClusterKeyOption, PeerSecurityKind } from './peer-security.ts';
export { rateLimited } from './rate-limited-log.ts';
export { realClock, realRandom } from './real-time.ts';
export {
  type WebSocketTransport,
  type WebSocketTransportOptions,
  webSocketTransport,
} from './websocket-transport.ts';
