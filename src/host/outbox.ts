/**
 * When messages leave (§5.1): one that promises something goes out after the write that holds it, in
 * order; one that promises nothing goes at once, and may overtake.
 */
import type { Send } from '../../machines/rules/effects.ts';
import type { Message } from '../../machines/rules/messages.ts';

export class Outbox {
  readonly #send: (message: Message) => void;
  #durable: number;
  #waiting: Send[] = [];

  constructor(send: (message: Message) => void, durable: number) {
    this.#send = send;
    this.#durable = durable;
  }

  add(effect: Send): void {
    if (effect.afterWrite <= this.#durable) this.#send(effect.message);
    else this.#waiting.push(effect);
  }

  /** Every write up to and with `number` is durable. */
  release(number: number): void {
    this.#durable = number;
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = waiting.filter((effect) => effect.afterWrite > number);
    for (const effect of waiting) if (effect.afterWrite <= number) this.#send(effect.message);
  }
}
