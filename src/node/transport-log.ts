/** What a transport reports: in printable characters, and about the same at most once a minute. */
import type { ServerId } from '../../machines/rules/entries.ts';
import { printable } from '../formats/printable.ts';
import { logRateLimit } from './rate-limited-log.ts';

/** Something a person may want to read in the log. */
export interface TransportEvent {
  readonly type:
    | 'connected'
    | 'lost'
    | 'refused'
    | 'refusedByPeer'
    | 'malformed'
    | 'unauthenticated'
    | 'unreachable'
    | 'security'
    | 'memoryFailed'
    | 'forgetful';
  /** Null when nobody has proved who it is. */
  readonly peer: ServerId | null;
  /** Events about the same are reported once a minute, whatever their text; null: always. */
  readonly about: string | null;
  /** A sentence. */
  readonly message: string;
}

export const PLAINTEXT =
  'Traffic between servers is not encrypted, and anyone who can change packets on the way can ' +
  'speak as any server: use this only in a network that protects it.';
export const FORGETFUL =
  "What is known about the peers' data directories is lost when this process ends: a directory " +
  'that is replaced while no peer runs goes unnoticed. Give webSocketTransport a memory, ' +
  'such as filePeerMemory(directory), or the server a storage that has one, such as fileStorage.';

export type TransportLog = ReturnType<typeof transportLog>;

export function transportLog(report: (event: TransportEvent) => void, now: () => number) {
  const mayLogPeer = logRateLimit(now);
  /** Of its own, so that strangers cannot use up the lines about peers. */
  const mayLogUnauthenticated = logRateLimit(now);
  let isClosed = false;
  return {
    event(
      type: TransportEvent['type'],
      peer: ServerId | null,
      message: string,
      about: string | null = null,
    ): void {
      if (isClosed) return;
      const isAllowed = peer === null ? mayLogUnauthenticated : mayLogPeer;
      if (about !== null && !isAllowed(about)) return;
      report({ type, peer, about, message: printable(message) });
    },
    /** What ends now ends because the transport is closed. */
    close(): void {
      isClosed = true;
    },
  };
}
