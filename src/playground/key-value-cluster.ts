/** The kind of cluster that a playground runs: of servers whose key/value pairs can be looked at. */
import {
  decodeText,
  type KeyValueAnswer,
  type KeyValueCommand,
  type KeyValueQuery,
  type KeyValueResult,
  keyValue,
  listLimitMax,
} from '../kv/index.ts';
import type { AppliedEntry } from '../ports/state-machine.ts';
import type { SimulatedCluster } from '../simulation/index.ts';

export type Cluster = SimulatedCluster<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer
>;

export type ClusterServer = ReturnType<Cluster['at']>;

export type PairFrame = { readonly key: string; readonly value: string };

/** The state machine of one run of one server; its pairs are read when they have changed. */
export class FollowedKeyValue {
  readonly #machine = keyValue();
  readonly commands = this.#machine.commands!;
  readonly results = this.#machine.results!;
  readonly query = this.#machine.query;
  readonly snapshot = this.#machine.snapshot;
  readonly digest = this.#machine.digest;
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

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    await this.#machine.restore(chunks);
    this.#pairs = null;
  }

  #read(): readonly PairFrame[] {
    const page = this.#machine.query({ type: 'list', limit: listLimitMax, values: true });
    if (page.type !== 'page') return [];
    return page.items.map(({ key, value }) => ({ key, value: decodeText(value!) }));
  }
}
