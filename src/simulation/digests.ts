/**
 * Compares the servers' state machines after every entry, and names the first one after which two
 * differ: that is how users find their own `apply` that is not deterministic.
 */

import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import { shown } from '../formats/shown.ts';
import type { AppliedEntry, StateMachine } from '../ports/state-machine.ts';
import type { InvariantName } from './referee/violation.ts';
import { TextHash } from './text-hash.ts';

// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export type AnyStateMachine = StateMachine<any, any, any, any>;

interface Known {
  readonly digest: string;
  readonly server: ServerId;
}

const KNOWN_MAX = 50_000;

export class Digests {
  readonly #violate: (invariant: InvariantName, sentence: string) => void;
  readonly #known = new Map<LogIndex, Known>();
  /** The state that a snapshot's bytes stand for, by their hash. */
  readonly #snapshots = new Map<string, { digest: string; server: ServerId; index: LogIndex }>();

  constructor(violate: (invariant: InvariantName, sentence: string) => void) {
    this.#violate = violate;
  }

  /** The same state machine, watched. */
  watched(server: ServerId, machine: AnyStateMachine): AnyStateMachine {
    let last: LogIndex = 0;
    let present: string | null = null;
    const watched: AnyStateMachine = {
      ...(machine.commands === undefined ? {} : { commands: machine.commands }),
      ...(machine.results === undefined ? {} : { results: machine.results }),
      ...(machine.digest === undefined ? {} : { digest: () => machine.digest?.() ?? '' }),
      ...(machine.isTransactional === undefined
        ? {}
        : { isTransactional: machine.isTransactional }),
      apply: (command: unknown, entry: AppliedEntry) => {
        const isTransactional = machine.isTransactional === true;
        const before = isTransactional ? (present ?? digestOf(machine)) : null;
        const compare = () => {
          last = entry.index;
          present = digestOf(machine);
          this.#compare(server, entry, command, present);
        };
        let result: unknown;
        try {
          result = machine.apply(command, entry);
        } catch (error) {
          if (isTransactional) {
            this.#checkUndone(server, entry, command, before, digestOf(machine));
            compare();
          }
          throw error;
        }
        compare();
        return result;
      },
      query: (query: unknown): unknown => machine.query(query),
      snapshot: () => this.#noting(server, last, digestOf(machine), machine.snapshot()),
      restore: async (chunks) => {
        const hash = new TextHash();
        await machine.restore(hashed(chunks, hash));
        present = digestOf(machine);
        this.#checkRestored(server, hash.toString(), present);
      },
    };
    return watched;
  }

  #compare(
    server: ServerId,
    { index, term }: AppliedEntry,
    command: unknown,
    digest: string | null,
  ): void {
    if (digest === null) return;
    const known = this.#known.get(index);
    if (known === undefined) {
      this.#known.set(index, { digest, server });
      if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
      return;
    }
    if (known.digest === digest) return;
    this.#violate(
      'State Machine Safety',
      `apply is not deterministic: servers ${known.server} and ${server} differ after entry ${index} ` +
        `(term ${term}, command ${shown(command)})`,
    );
  }

  #checkUndone(
    server: ServerId,
    { index, term }: AppliedEntry,
    command: unknown,
    before: string | null,
    after: string | null,
  ): void {
    if (before === after) return;
    this.#violate(
      'State Machine Safety',
      `the state machine says that it is transactional, and server ${server} has another state after ` +
        `apply threw at entry ${index} (term ${term}, command ${shown(command)}) than before`,
    );
  }

  #noting(
    server: ServerId,
    index: LogIndex,
    digest: string | null,
    chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  ): AsyncIterable<Uint8Array> {
    const hash = new TextHash();
    const note = () => {
      if (digest !== null) this.#snapshots.set(hash.toString(), { digest, server, index });
    };
    return hashed(chunks, hash, note);
  }

  #checkRestored(server: ServerId, bytes: string, digest: string | null): void {
    const known = this.#snapshots.get(bytes);
    if (digest === null || known === undefined || known.digest === digest) return;
    this.#violate(
      'Snapshot Equals State',
      `server ${server} restored the snapshot that ${known.server} took at entry ${known.index}, and ` +
        'its state is another than the one it was taken of',
    );
  }
}

/** Null when it cannot be told at once: no digest, and a snapshot whose chunks come later. */
function digestOf(machine: AnyStateMachine): string | null {
  if (machine.digest !== undefined) return machine.digest();
  const chunks = machine.snapshot();
  if (!(Symbol.iterator in chunks)) return null;
  const hash = new TextHash();
  for (const chunk of chunks) hash.addBytes(chunk);
  return hash.toString();
}

async function* hashed(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  hash: TextHash,
  atEnd?: () => void,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) {
    hash.addBytes(chunk);
    yield chunk;
  }
  atEnd?.();
}
