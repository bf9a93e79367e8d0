/** The client's calls, and what became of them. */
import { decodeText, type KeyValueAnswer, type KeyValueResult } from '../kv/index.ts';
import type { Outcome } from '../ports/outcome.ts';
import type { ClientAction } from './action.ts';
import type { ClientCall } from './frame.ts';
import type { Cluster } from './key-value-cluster.ts';

/** How many are remembered. */
const CALLS_MAX = 24;

export class ClientCalls {
  readonly #cluster: Cluster;
  #calls: readonly ClientCall[] = [];
  #count = 0;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Oldest first; the same list while nothing has changed. */
  get calls(): readonly ClientCall[] {
    return this.#calls;
  }

  begin(action: ClientAction): void {
    this.#count += 1;
    const number = this.#count;
    this.#calls = [...this.#calls, { number, action, outcome: null }].slice(-CALLS_MAX);
    void this.#make(action).then((outcome) => {
      const text = outcome.outcome === 'applied' ? { text: textOf(outcome.result) } : {};
      this.#calls = this.#calls.map((call) =>
        call.number === number ? { ...call, outcome: { ...outcome, ...text } } : call,
      );
    });
  }

  #make(action: ClientAction): Promise<Outcome<KeyValueResult | KeyValueAnswer>> {
    const server = this.#cluster.at(action.server);
    if (action.type === 'get') return server.query({ type: 'get', key: action.key });
    const { type, key, value } = action;
    return server.propose({ type, key, value });
  }
}

function textOf(result: KeyValueResult | KeyValueAnswer): string {
  switch (result.type) {
    case 'found':
      return decodeText(result.value);
    case 'not-found':
      return 'no such key';
    case 'written':
      return `revision ${result.revision}`;
    case 'too-large':
      return `too large: ${result.length} bytes`;
    default:
      return result.type;
  }
}
