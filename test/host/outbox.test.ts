/** What waits for the disk leaves once, in order, and not before its own write (§5). */
import { expect, test } from 'vitest';
import type { Message } from '../../machines/rules/messages.ts';
import { Outbox } from '../../src/host/outbox.ts';

function outbox(durable: number) {
  const left: string[] = [];
  const made = new Outbox((message) => left.push(message as unknown as string), durable);
  const add = (name: string, after: number) =>
    made.add({ type: 'send', message: name as unknown as Message, afterWrite: after });
  return { add, release: (number: number) => made.release(number), left };
}

test('a write that ends lets go of what waits for it, and keeps what waits for a later one', () => {
  const { add, release, left } = outbox(1);
  add('of write 2', 2);
  add('of write 4', 4);
  add('of write 3', 3);
  add('of no write', 0);
  expect(left).toEqual(['of no write']);
  release(2);
  expect(left).toEqual(['of no write', 'of write 2']);
  release(4);
  expect(left).toEqual(['of no write', 'of write 2', 'of write 4', 'of write 3']);
  release(5);
  expect(left).toHaveLength(4);
});

test('what is said while others leave waits for its own write', () => {
  const left: number[] = [];
  const made: Outbox = new Outbox(({ requestId: number }) => {
    left.push(number);
    if (number === 1)
      made.add({ type: 'send', message: { requestId: 2 } as Message, afterWrite: 3 });
  }, 1);
  made.add({ type: 'send', message: { requestId: 1 } as Message, afterWrite: 2 });
  made.release(2);
  expect(left).toEqual([1]);
  made.release(3);
  expect(left).toEqual([1, 2]);
});
