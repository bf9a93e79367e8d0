/** A small snapshot with something in every field. */
import type { SnapshotHeader } from '../../src/formats/snapshot-file.ts';

export const EXAMPLE_HEADER: SnapshotHeader = {
  id: 'a-12-3',
  index: 12,
  term: 3,
  time: 2_000,
  configuration: {
    servers: [
      { id: 'a', peerAddress: 'ws://127.0.0.1:7201', votes: true },
      { id: 'b', peerAddress: 'ws://127.0.0.1:7202', votes: true },
      { id: 'c', peerAddress: '', votes: false },
    ],
    next: null,
  },
  settings: { sessionExpiryMs: 3_600_000, sessionsMax: 10_000, answerBytesMax: 1_048_576 },
  sessions: new Uint8Array([9, 8, 7]),
};

export const EXAMPLE_STATE = new Uint8Array([0, 1, 2, 3, 255]);
