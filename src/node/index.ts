/** The door for Node.js: disks and sockets. */
export { type FileStorageOptions, fileStorage } from './file-storage.ts';
export { nodeHttpPort } from './http-port.ts';
export { realClock, realRandom } from './real-time.ts';
export { webSocketTransport } from './websocket-transport.ts';
