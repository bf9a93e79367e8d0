/**
 * Compares the servers' state machines after every entry, and names the first one after which two
 * differ, and in what: that is how users find their own `apply` that is not deterministic.
 */

import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import { valueText } from '../formats/value-text.ts';
import type { AppliedEntry } from '../ports/state-machine.ts';
import {
  type AnyStateMachine,
  type Held,
  heldBy,
  howTheyDiffer,
  stateDigestOf,
} from './kept-state.ts';
import type { InvariantName } from './referee/violation.ts';
import { TextHash } from './text-hash.ts';

/** A state after an entry, or as a snapshot holds it. */
interface Known {
  readonly server: ServerId;
  readonly digest: string;
  /** For the newest entries only: it may be large. */
  held: Held;
}

interface Snapshotted extends Known {
  readonly index: LogIndex;
}

const KNOWN_MAX = 50_000;
const HELD_MAX = 256;

export class StateComparer {
  readonly #violate: (invariant: InvariantName, sentence: string) => void;
  readonly #known = new Map<LogIndex, Known>();
  /** The state that a snapshot's bytes stand for, by their hash. */
  readonly #snapshots = new Map<string, Snapshotted>();

  constructor(violate: (invariant: InvariantName, sentence: string) => void) {
    this.#violate = violate;
  }

  /** The same state machine; what it applies and restores is compared. */
  watched(server: ServerId, machine: AnyStateMachine): AnyStateMachine {
    const { commands, results, isTransactional } = machine;
    let last: LogIndex = 0;
    let present: Known | null = null;
    return {
      ...(commands && { commands }),
      ...(results && { results }),
      ...(machine.digest && { digest: () => machine.digest?.() ?? '' }),
      ...(isTransactional !== undefined && { isTransactional }),
      apply: (command: unknown, entry: AppliedEntry) => {
        const before = isTransactional
          ? present?.held
            ? present
            : stateOf(server, machine)
          : null;
        const compare = () => {
          last = entry.index;
          present = this.#compare(server, machine, command, entry);
        };
        let result: unknown;
        try {
          result = machine.apply(command, entry);
        } catch (error) {
          if (isTransactional) {
            this.#checkUndone(before, stateOf(server, machine), command, entry);
            compare();
          }
          throw error;
        }
        compare();
        return result;
      },
      query: (query: unknown): unknown => machine.query(query),
      snapshot: () => {
        const state = stateOf(server, machine);
        const index = last;
        return hashed(machine.snapshot(), (hash) => {
          if (state !== null) this.#snapshots.set(hash, { ...state, index });
        });
      },
      restore: async (chunks) => {
        let known: Snapshotted | undefined;
        const onEnd = (hash: string) => {
          known = this.#snapshots.get(hash);
        };
        await machine.restore(hashed(chunks, onEnd));
        present = null;
        if (known !== undefined) this.#checkRestored(known, stateOf(server, machine));
      },
    };
  }

  /** @returns the state that is known after the entry, when this one is equal to it */
  #compare(
    server: ServerId,
    machine: AnyStateMachine,
    command: unknown,
    { index, term }: AppliedEntry,
  ): Known | null {
    const digested = stateDigestOf(machine);
    if (digested === null) return null;
    const known = this.#known.get(index);
    if (known?.digest === digested.digest) return known;
    const state = { server, digest: digested.digest, held: heldBy(machine, digested) };
    if (known === undefined) this.#keep(state, index);
    else {
      const servers = [known.server, server] as const;
      this.#violate(
        'State Machine Safety',
        `apply is not deterministic: servers ${servers.join(' and ')} differ after entry ${index} ` +
          `(term ${term}, command ${valueText(command)})${howTheyDiffer(known.held, state.held, servers)}`,
      );
    }
    return state;
  }

  #checkUndone(
    before: Known | null,
    after: Known | null,
    command: unknown,
    { index, term }: AppliedEntry,
  ): void {
    if (before === null || after === null || before.digest === after.digest) return;
    this.#violate(
      'State Machine Safety',
      `the state machine says that it is transactional, and server ${after.server} has another state ` +
        `after apply threw at entry ${index} (term ${term}, command ${valueText(command)}) than before` +
        howTheyDiffer(before.held, after.held, ['it before', 'it after']),
    );
  }

  #keep(state: Known, index: LogIndex): void {
    this.#known.set(index, state);
    const old = this.#known.get(index - HELD_MAX);
    if (old !== undefined) old.held = null;
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
  }

  #checkRestored(known: Snapshotted, restored: Known | null): void {
    if (restored === null || known.digest === restored.digest) return;
    const names = ['the one it was taken of', 'the restored one'] as const;
    this.#violate(
      'Snapshot Equals State',
      `server ${restored.server} restored the snapshot that ${known.server} took at entry ${known.index}, ` +
        'and its state differs from the one it was taken of' +
        howTheyDiffer(known.held, restored.held, names),
    );
  }
}

function stateOf(server: ServerId, machine: AnyStateMachine): Known | null {
  const digested = stateDigestOf(machine);
  return digested && { server, digest: digested.digest, held: heldBy(machine, digested) };
}

/** The same chunks; calls with the hash of all of them when the last one was read. */
async function* hashed(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  onEnd: (hash: string) => void,
): AsyncGenerator<Uint8Array> {
  const hash = new TextHash();
  for await (const chunk of chunks) {
    hash.addBytes(chunk);
    yield chunk;
  }
  onEnd(hash.toString());
}
