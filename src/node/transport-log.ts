/** What a transport tells its people: in visible characters, and about a stranger once a minute. */
import type { ServerId } from '../../machines/rules/entries.ts';
import { printable } from '../formats/printable.ts';
import { RateLimitedLog } from './rate-limited-log.ts';
import type { TransportEvent } from './transport-counters.ts';

/** What a cluster that comes and goes says all the time. */
export const ORDINARY: ReadonlySet<TransportEvent['type']> = new Set(['connected', 'lost']);
export const PLAINTEXT =
  'What servers say to each other travels readable, and whoever can change packets on the way can ' +
  'speak as any of them: only for a network that protects it.';
export const FORGETFUL =
  "What is known of the peers' data directories is forgotten when this process ends: a directory " +
  'that is replaced while no peer runs goes unnoticed. Give webSocketTransport a memory, ' +
  'filePeerMemory(directory) say, or the server a storage that has one, as fileStorage does.';

export class TransportLog {
  readonly #tell: ((event: TransportEvent) => void) | undefined;
  readonly #ofPeers: RateLimitedLog;
  /** Of their own, so that strangers cannot use up the lines about peers. */
  readonly #ofStrangers: RateLimitedLog;
  #isClosed = false;

  constructor(tell: ((event: TransportEvent) => void) | undefined, now: () => number) {
    this.#tell = tell;
    this.#ofPeers = new RateLimitedLog(now);
    this.#ofStrangers = new RateLimitedLog(now);
  }

  /** Always told. */
  say(type: TransportEvent['type'], peer: ServerId | null, message: string): void {
    this.event({ type, peer, about: null, message });
  }

  event({ message, ...event }: TransportEvent): void {
    if (this.#tell === undefined || this.#isClosed) return;
    const news = event.peer === null ? this.#ofStrangers : this.#ofPeers;
    if (event.about !== null && !news.isNews(event.about)) return;
    this.#tell({ ...event, message: printable(message) });
  }

  /** What ends now ends because we end. */
  close(): void {
    this.#isClosed = true;
  }
}
