/** The fault model of one directed link in a searched history: loss, repetition, delay, overtaking. */
import type { MonoTypeOperatorFunction } from 'rxjs';
import type { Message } from '../../../machines/rules/messages.ts';
import { delivering, type FaultContext } from '../faults.ts';
import type { Counter } from './counter.ts';
import type { RunSettings } from './settings.ts';

const REPEAT_MAX_MS = 100;

/** For so long after the faults have ended, what they held back or repeated may still arrive. */
export function leftoversMs({ delayMs, heldMs }: RunSettings): number {
  return delayMs + Math.max(heldMs, REPEAT_MAX_MS);
}

/** @param isFaulty whether the faults still go on; without them the link is as good as a cable. */
export function faultyLink(
  settings: RunSettings,
  counter: Counter,
  isFaulty: () => boolean,
  { clock, random }: FaultContext,
): MonoTypeOperatorFunction<Message> {
  const { loss, repeats, delayMs, skew, held, heldMs } = settings;
  return delivering(() => {
    let sent = 0;
    let newest = 0;
    let inOrderUntil = 0;
    return (message, arrive) => {
      sent += 1;
      const order = sent;
      const deliver = () => {
        if (order < newest) counter.add('overtakings');
        newest = Math.max(newest, order);
        arrive(message);
      };
      if (!isFaulty()) return deliver();
      if (random.chance(loss)) return counter.add('messagesLost');
      const isHeld = random.chance(held);
      const wait = delayMs * random.next() ** skew + (isHeld ? heldMs * random.next() : 0);
      const due = isHeld ? clock.now() + wait : Math.max(inOrderUntil, clock.now() + wait);
      if (!isHeld) inOrderUntil = due;
      clock.setTimeout(deliver, due - clock.now());
      if (!random.chance(repeats)) return;
      counter.add('duplicatesDelivered');
      clock.setTimeout(() => arrive(message), REPEAT_MAX_MS * random.next() + delayMs);
    };
  });
}
