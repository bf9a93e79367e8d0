/** The key/value state machine of one server's life, whose pairs are read when they have changed. */
import {
  decodeText,
  type KeyValueCommand,
  type KeyValueQuery,
  keyValue,
  listLimitMax,
} from '../kv/index.ts';
import type { AppliedEntry } from '../ports/state-machine.ts';

export type PairFrame = { readonly key: string; readonly value: string };

export class FollowedKeyValue {
  readonly #machine = keyValue();
  readonly commands = this.#machine.commands!;
  readonly results = this.#machine.results!;
  #pairs: readonly PairFrame[] | null = [];

  /** By key; the same list while nothing has been applied. */
  get pairs(): readonly PairFrame[] {
    this.#pairs ??= this.#read();
    return this.#pairs;
  }

  apply(command: KeyValueCommand, entry: AppliedEntry) {
    this.#pairs = null;
    return this.#machine.apply(command, entry);
  }

  query(query: KeyValueQuery) {
    return this.#machine.query(query);
  }

  snapshot() {
    return this.#machine.snapshot();
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#machine.restore(chunks);
    this.#pairs = null;
  }

  digest(): string {
    return this.#machine.digest();
  }

  #read(): readonly PairFrame[] {
    const page = this.#machine.query({ type: 'list', limit: listLimitMax, values: true });
    if (page.type !== 'page') return [];
    return page.items.map(({ key, value }) => ({ key, value: decodeText(value!) }));
  }
}
