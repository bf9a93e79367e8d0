/**
 * What the course's key/value servers replicate (§8): our own key/value state machine behind our own
 * sessions, so that a write takes effect once however often its clerk sends it. Snapshots hold both.
 *
 * A session is opened by its clerk's first write and bears the clerk's number. Gets change nothing,
 * so they need none: each reads what is there when it is applied.
 */

import { type LogIndex, NO_BYTES } from '../../machines/rules/entries.ts';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import { pack, unpackFresh } from '../../src/formats/msgpack.ts';
import { SessionTable } from '../../src/host/session-table.ts';
import { decodeText, keyValue } from '../../src/kv/index.ts';
import { claim } from './course-test.ts';
import type { ClerkRequest } from './key-value-wire.ts';

/** What a server of a control run does wrong on purpose: the tests must notice. */
export type Mistake =
  | 'applies repeats'
  | 'leaves sessions out of snapshots'
  | 'reads without the log'
  | 'takes no snapshots';

export class KeyValueState {
  readonly #pairs = keyValue();
  readonly #sessions = new SessionTable(DEFAULT_SESSION_SETTINGS);
  readonly #mistake: Mistake | null;

  constructor(mistake: Mistake | null) {
    this.#mistake = mistake;
  }

  /** What a get finds; the empty string for a write. */
  apply(index: LogIndex, { clerk, sequence, operation }: ClerkRequest): string {
    if (operation.type === 'get') return this.read(operation.key);
    const { commands, results } = this.#pairs;
    claim(
      commands !== undefined && results !== undefined,
      'the key/value state machine has no formats of its own',
    );
    const bytes = commands.encode(operation);
    const isRepeat = this.#isRepeat(index, clerk, sequence, bytes);
    if (isRepeat && this.#mistake !== 'applies repeats') return '';
    const result = this.#pairs.apply(commands.decode(bytes), { index, term: 0, time: 0 });
    this.#sessions.keep(clerk, { sequence, index, term: 0, bytes: results.encode(result) });
    return '';
  }

  /** The empty string when there is no such key. */
  read(key: string): string {
    const answer = this.#pairs.query({ type: 'get', key });
    return answer.type === 'found' ? decodeText(answer.value) : '';
  }

  #isRepeat(index: LogIndex, clerk: number, sequence: number, bytes: Uint8Array): boolean {
    const entry = { type: 'command', index, term: 0, time: 0, sequence, bytes } as const;
    const { verdict } = this.#sessions.checkDuplicate(clerk, entry);
    if (verdict !== 'session-expired') return verdict !== 'apply';
    const bound = this.#sessions.open({ index: clerk, time: 0, bytes: NO_BYTES });
    claim(bound === null, 'there is no room for one more session');
    return false;
  }

  async snapshot(): Promise<Uint8Array> {
    const pairs: Uint8Array[] = [];
    for await (const chunk of this.#pairs.snapshot()) pairs.push(chunk);
    const forgets = this.#mistake === 'leaves sessions out of snapshots';
    return pack([pairs, forgets ? new Uint8Array(0) : this.#sessions.encode()]);
  }

  async restore(snapshot: Uint8Array): Promise<void> {
    const [pairs, sessions] = unpackFresh(snapshot) as [Uint8Array[], Uint8Array];
    await this.#pairs.restore(eachOf(pairs));
    this.#sessions.restore(sessions, DEFAULT_SESSION_SETTINGS);
  }
}

async function* eachOf(chunks: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* chunks;
}
