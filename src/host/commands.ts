/**
 * Applies one command to the state machine, and keeps its answer. Whether it is applied, refused, or
 * the end of this server is decided here and nowhere else, the same on every server.
 */
import {
  type Entry,
  type EntryPosition,
  NO_BYTES,
  type ServerId,
} from '../../machines/rules/entries.ts';
import type { KeptAnswer } from '../../machines/rules/sessions.ts';
import type { Codec, StateMachine } from '../ports/state-machine.ts';
import type { AppliedOutcome } from './calls.ts';
import {
  applyFailed,
  type CommandError,
  commandRefused,
  commandUnreadable,
  isOfThisServer,
  resultUnwritable,
} from './command-error.ts';

/** The same for a first answer and a repeat: only this server knows what was thrown. */
const COMMAND_FAILED: AppliedOutcome = {
  outcome: 'refused',
  reason: 'command-failed',
  message: 'the state machine threw at this command, and its state is as before it',
};

const ANSWER_UNREADABLE: AppliedOutcome = {
  outcome: 'refused',
  reason: 'answer-discarded',
  message: 'it was applied, and the codec of this server cannot read the answer that was kept',
};

export interface CommandsOptions {
  readonly id: ServerId;
  readonly stateMachine: StateMachine;
  readonly commands: Codec<unknown>;
  readonly results: Codec<unknown>;
  /** A command was refused, since the state machine threw at it. */
  readonly onRefused: (error: CommandError) => void;
}

export class Commands {
  readonly #options: CommandsOptions;
  #refused = 0;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** How many were refused, since the state machine threw at them. */
  get refused(): number {
    return this.#refused;
  }

  /** @throws TypeError for a command that the codec refuses */
  encode(command: unknown): Uint8Array {
    return this.#options.commands.encode(command);
  }

  /** @throws what the codec throws for bytes that are no command */
  decode(bytes: Uint8Array): unknown {
    return this.#options.commands.decode(bytes);
  }

  /** @throws CommandError when this server cannot go on */
  apply(entry: Entry): AppliedOutcome {
    const { id: server, stateMachine } = this.#options;
    const { index, term, time } = entry;
    const command = this.#decoded(entry);
    try {
      return applied(entry, stateMachine.apply(command, { index, term, time }));
    } catch (cause) {
      const { isTransactional = false } = stateMachine;
      const thrown = { server, entry, command, cause };
      if (!isTransactional || isOfThisServer(cause)) throw applyFailed(thrown, isTransactional);
      this.#refused += 1;
      this.#options.onRefused(commandRefused(thrown));
      return COMMAND_FAILED;
    }
  }

  #decoded(entry: Entry): unknown {
    try {
      return this.#options.commands.decode(entry.bytes);
    } catch (cause) {
      throw commandUnreadable(this.#options.id, entry, cause);
    }
  }

  /** What a session keeps for a repeat. @throws CommandError when it cannot be written */
  answerOf(entry: Entry, outcome: AppliedOutcome): KeptAnswer {
    const { index, term, sequence = 0 } = entry;
    const place = { sequence, index, term };
    if (outcome.outcome === 'refused') {
      return { ...place, bytes: NO_BYTES, refusal: 'command-failed' };
    }
    try {
      return { ...place, bytes: this.#options.results.encode(outcome.result) };
    } catch (cause) {
      throw resultUnwritable(this.#options.id, entry, cause);
    }
  }

  /** Nothing that is replicated depends on whether this server can read what it has kept. */
  repeated(answer: KeptAnswer): AppliedOutcome {
    if (answer.refusal !== undefined) return COMMAND_FAILED;
    try {
      return applied(answer, this.#options.results.decode(answer.bytes));
    } catch {
      return ANSWER_UNREADABLE;
    }
  }
}

export function applied({ index, term }: EntryPosition, result: unknown): AppliedOutcome {
  return { outcome: 'applied', result, index, term };
}
