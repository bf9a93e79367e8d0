/** Messages on their way: between the faults of a user's own and the arrival. */
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';

/** A message on its way. */
export interface Flight {
  /** Counted from 1 in the order of sending. */
  readonly number: number;
  readonly message: Message;
  readonly sentAtMs: number;
  readonly dueAtMs: number;
}

/**
 * How the delivery of a message ended. `cut`: the link was cut when the message was sent or when it was
 * due; `nobody`: no server was running there; `dropped`: the message was taken out by `drop`.
 */
export type DeliveryOutcome = 'arrived' | 'dropped' | 'cut' | 'nobody';

/** When it is due is known as soon as it is on its way, and does not change. */
type Departing = { -readonly [Field in keyof Flight]: Flight[Field] };

export interface FlightsOptions {
  readonly now: () => number;
  readonly isOpen: (from: ServerId, to: ServerId) => boolean;
  readonly onEnd: (flight: Flight, outcome: DeliveryOutcome) => void;
}

export class Flights {
  readonly #options: FlightsOptions;
  readonly #present = new Map<number, Flight>();
  #count = 0;
  #list: readonly Flight[] | null = [];

  constructor(options: FlightsOptions) {
    this.#options = options;
  }

  /** In the order they were sent; the same list while nothing has changed. */
  list(): readonly Flight[] {
    this.#list ??= [...this.#present.values()];
    return this.#list;
  }

  readonly begin = (message: Message): Flight => {
    this.#count += 1;
    const now = this.#options.now();
    const flight = { number: this.#count, message, sentAtMs: now, dueAtMs: now };
    this.#present.set(flight.number, flight);
    this.#list = null;
    return flight;
  };

  readonly noteDue = (flight: Flight, dueAtMs: number): void => {
    (flight as Departing).dueAtMs = dueAtMs;
  };

  /** Whether it may go on: not when it was dropped, and not through a cut, which ends it. */
  readonly mayPass = (flight: Flight): boolean => {
    if (!this.#present.has(flight.number)) return false;
    const { from, to } = flight.message;
    if (this.#options.isOpen(from, to)) return true;
    this.end(flight, 'cut');
    return false;
  };

  /** @returns the message that will not arrive; null when none of that number is on its way */
  drop(number: number): Message | null {
    const flight = this.#present.get(number);
    if (flight === undefined) return null;
    this.end(flight, 'dropped');
    return flight.message;
  }

  end(flight: Flight, outcome: DeliveryOutcome): void {
    this.#present.delete(flight.number);
    this.#list = null;
    this.#options.onEnd(flight, outcome);
  }
}
