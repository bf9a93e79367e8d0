/**
 * What is recorded for a trace file: the state of everything when it begins, then every line as it was
 * received. It ends when the file would become too large to be read again.
 */
import type { InspectionRecord } from './protocol.ts';
import type { ServerHistory } from './server-history.ts';
import { TRACE_LIMITS, traceHeader } from './trace.ts';

export class TraceRecording {
  /** Nothing more is recorded. */
  isFull = false;
  readonly #limits: typeof TRACE_LIMITS;
  /** The file, in pieces. */
  readonly parts: string[];
  characters: number;

  constructor(servers: readonly ServerHistory[], nowMs: number, limits = TRACE_LIMITS) {
    this.#limits = limits;
    const software = servers.find(({ hello }) => hello !== null)?.hello?.software ?? '';
    const header = traceHeader({ software, recordedAtMs: nowMs });
    this.parts = [header];
    this.characters = header.length;
    for (const server of servers) {
      for (const record of server.present(nowMs)) this.add(server.id, JSON.stringify(record));
    }
  }

  /** Records that are recorded. */
  get count(): number {
    return this.parts.length - 1;
  }

  /** @param line - a record as it was received */
  add(server: string, line: string): void {
    if (this.isFull) return;
    const part = `{"server":${JSON.stringify(server)},"record":${line}}\n`;
    const { charactersMax, linesMax, lineLengthMax } = this.#limits;
    this.isFull =
      this.count === linesMax ||
      part.length > lineLengthMax ||
      this.characters + part.length > charactersMax;
    if (this.isFull) return;
    this.parts.push(part);
    this.characters += part.length;
  }

  /** The page's own word that a server is out of reach: it could not say so itself. */
  addLoss(server: string, atMs: number, why: string): void {
    const record: InspectionRecord = { type: 'ended', why: why || 'its socket was lost', atMs };
    this.add(server, JSON.stringify(record));
  }
}
