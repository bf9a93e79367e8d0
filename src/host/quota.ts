/**
 * The quota of stored bytes (`maxBytes`): judged by the leader before it appends, never on apply, so
 * that it may be another on every server and change from start to start. The host is the only door
 * to the log, for the service and for whoever uses the library alike.
 */
import type { ServerState } from '../../machines/rules/state.ts';
import type { StateMachine } from '../ports/state-machine.ts';

/** What the quota counts, as the state machine does. */
type Counted = Required<Pick<StateMachine, 'storedBytes' | 'addedBytes'>>;

export interface QuotaOptions {
  readonly maxBytes: number | undefined;
  readonly stateMachine: StateMachine;
  readonly state: () => ServerState;
  /** Of proposals that the machine has not been asked about yet. */
  readonly gatheredBytes: () => number;
}

export class Quota {
  readonly #options: QuotaOptions;
  readonly #counted: Counted | null;

  /** @throws TypeError for a quota that cannot be, or a state machine that does not count */
  constructor(options: QuotaOptions) {
    const { maxBytes, stateMachine } = options;
    this.#options = options;
    this.#counted = counts(stateMachine) ? stateMachine : null;
    if (maxBytes === undefined) return;
    if (!(Number.isSafeInteger(maxBytes) && maxBytes > 0)) {
      throw new TypeError(`maxBytes must be a whole number of bytes from 1 on, not ${maxBytes}`);
    }
    if (this.#counted === null) {
      throw new TypeError(
        'maxBytes needs a state machine that counts what it stores: give it storedBytes() and ' +
          'addedBytes(command), or leave maxBytes out',
      );
    }
  }

  /** Null when the state machine does not count them. */
  get storedBytes(): number | null {
    return this.#counted?.storedBytes() ?? null;
  }

  get maxBytes(): number | null {
    return this.#options.maxBytes ?? null;
  }

  /**
   * Why the command may not be appended, or null. Whatever is proposed and not applied yet counts
   * with all its bytes: more than it will store, and never less.
   */
  refusal(command: unknown): string | null {
    const { maxBytes, state, gatheredBytes } = this.#options;
    if (maxBytes === undefined || this.#counted === null) return null;
    const { log, lastApplied, leadership } = state();
    // Whoever does not lead refuses it for that, and says who does.
    if (leadership === null) return null;
    const added = this.#counted.addedBytes(command);
    if (added <= 0) return null;
    const stored = this.#counted.storedBytes();
    const underWay = log.bytesBetween(lastApplied, log.lastIndex) + gatheredBytes();
    if (stored + underWay + added <= maxBytes) return null;
    return (
      `${stored} bytes are stored and up to ${underWay} on their way, so ${added} more could pass ` +
      `the ${maxBytes} that may be stored (maxBytes): delete something, or raise it on every server`
    );
  }
}

function counts(stateMachine: StateMachine): stateMachine is StateMachine & Counted {
  return stateMachine.storedBytes !== undefined && stateMachine.addedBytes !== undefined;
}
