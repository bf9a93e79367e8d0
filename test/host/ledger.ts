/** A state machine that keeps what it was given, so that tests can see what was applied, and when. */
import type { AppliedEntry, StateMachine } from '../../src/ports/state-machine.ts';

export interface Line {
  readonly index: number;
  readonly text: string;
}

export type LedgerCommand = string;
export type LedgerQuery = 'lines' | 'throw';

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class Ledger implements StateMachine<LedgerCommand, number, LedgerQuery, readonly Line[]> {
  lines: readonly Line[] = [];
  /** What applying `throw` throws. */
  thrown: unknown = new Error('this ledger does not take that');
  /** What is wrong with its snapshots; null when nothing is. */
  snapshotTrouble: Error | null = null;
  readonly isTransactional: boolean;
  /** How often it was restored. */
  restores = 0;

  constructor(isTransactional = false) {
    this.isTransactional = isTransactional;
  }

  /** Gives how many lines there are now. */
  apply(text: LedgerCommand, { index }: AppliedEntry): number {
    if (text.startsWith('throw')) throw this.thrown;
    this.lines = [...this.lines, { index, text }];
    return this.lines.length;
  }

  query(query: LedgerQuery): readonly Line[] {
    if (query === 'throw') throw new RangeError('this ledger does not answer that');
    return this.lines;
  }

  snapshot(): Iterable<Uint8Array> {
    if (this.snapshotTrouble !== null) throw this.snapshotTrouble;
    return [encodeLines(this.lines)];
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    let text = '';
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    if (this.snapshotTrouble !== null) throw this.snapshotTrouble;
    this.lines = JSON.parse(text) as Line[];
    this.restores += 1;
  }
}

export function encodeLines(lines: readonly Line[]): Uint8Array {
  return encoder.encode(JSON.stringify(lines));
}
