/**
 * Compares the servers' state machines after every entry, and names the first one after which two
 * differ, and in what: that is how users find their own `apply` that is not deterministic.
 */

import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import { shown } from '../formats/shown.ts';
import type { AppliedEntry } from '../ports/state-machine.ts';
import {
  type AnyStateMachine,
  type Digested,
  digestOf,
  type Held,
  heldBy,
  howTheyDiffer,
} from './kept-state.ts';
import type { InvariantName } from './referee/violation.ts';
import { TextHash } from './text-hash.ts';

interface State {
  readonly digest: string;
  /** For the newest entries only: it may be large. */
  held: Held;
}

interface Known extends State {
  readonly server: ServerId;
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

  /** The same state machine, watched. */
  watched(server: ServerId, machine: AnyStateMachine): AnyStateMachine {
    let last: LogIndex = 0;
    let present: Digested | null = null;
    const watched: AnyStateMachine = {
      ...(machine.commands === undefined ? {} : { commands: machine.commands }),
      ...(machine.results === undefined ? {} : { results: machine.results }),
      ...(machine.digest === undefined ? {} : { digest: () => machine.digest?.() ?? '' }),
      ...(machine.isTransactional === undefined
        ? {}
        : { isTransactional: machine.isTransactional }),
      apply: (command: unknown, entry: AppliedEntry) => {
        const isTransactional = machine.isTransactional === true;
        const before = isTransactional ? stateOf(machine, present ?? undefined) : null;
        const compare = () => {
          last = entry.index;
          present = this.#compare(server, machine, command, entry);
        };
        let result: unknown;
        try {
          result = machine.apply(command, entry);
        } catch (error) {
          if (isTransactional) {
            this.#checkUndone(server, entry, command, before, stateOf(machine));
            compare();
          }
          throw error;
        }
        compare();
        return result;
      },
      query: (query: unknown): unknown => machine.query(query),
      snapshot: () => this.#noting(server, last, machine),
      restore: async (chunks) => {
        const hash = new TextHash();
        await machine.restore(hashed(chunks, hash));
        present = digestOf(machine);
        this.#checkRestored(server, hash.toString(), machine, present);
      },
    };
    return watched;
  }

  #compare(
    server: ServerId,
    machine: AnyStateMachine,
    command: unknown,
    { index, term }: AppliedEntry,
  ): Digested | null {
    const digested = digestOf(machine);
    if (digested === null) return null;
    const known = this.#known.get(index);
    if (known === undefined) this.#keep(server, machine, digested, index);
    if (known === undefined || known.digest === digested.digest) return digested;
    const servers = [known.server, server] as const;
    this.#violate(
      'State Machine Safety',
      `apply is not deterministic: servers ${servers.join(' and ')} differ after entry ${index} ` +
        `(term ${term}, command ${shown(command)})` +
        howTheyDiffer(known.held, heldBy(machine, digested), servers),
    );
    return digested;
  }

  #checkUndone(
    server: ServerId,
    { index, term }: AppliedEntry,
    command: unknown,
    before: State | null,
    after: State | null,
  ): void {
    if (before === null || after === null || before.digest === after.digest) return;
    this.#violate(
      'State Machine Safety',
      `the state machine says that it is transactional, and server ${server} has another state after ` +
        `apply threw at entry ${index} (term ${term}, command ${shown(command)}) than before` +
        howTheyDiffer(before.held, after.held, ['it before', 'it after']),
    );
  }

  #keep(server: ServerId, machine: AnyStateMachine, digested: Digested, index: LogIndex): void {
    const { digest } = digested;
    this.#known.set(index, { digest, server, held: heldBy(machine, digested) });
    const old = this.#known.get(index - HELD_MAX);
    if (old !== undefined) old.held = null;
    if (this.#known.size > KNOWN_MAX) this.#known.delete(this.#known.keys().next().value!);
  }

  #noting(server: ServerId, index: LogIndex, machine: AnyStateMachine): AsyncIterable<Uint8Array> {
    const digested = digestOf(machine);
    const held = digested && heldBy(machine, digested);
    const hash = new TextHash();
    const note = () => {
      if (digested === null) return;
      this.#snapshots.set(hash.toString(), { digest: digested.digest, server, held, index });
    };
    return hashed(machine.snapshot(), hash, note);
  }

  #checkRestored(
    server: ServerId,
    bytes: string,
    machine: AnyStateMachine,
    digested: Digested | null,
  ): void {
    const known = this.#snapshots.get(bytes);
    if (known === undefined || digested === null || known.digest === digested.digest) return;
    const names = ['the one it was taken of', 'the restored one'] as const;
    this.#violate(
      'Snapshot Equals State',
      `server ${server} restored the snapshot that ${known.server} took at entry ${known.index}, and ` +
        'its state is another than the one it was taken of' +
        howTheyDiffer(known.held, heldBy(machine, digested), names),
    );
  }
}

function stateOf(machine: AnyStateMachine, digested = digestOf(machine)): State | null {
  return digested && { digest: digested.digest, held: heldBy(machine, digested) };
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
