/** One timer for all calls: each is given up at its own deadline, whatever the others do. */
import { expect, test } from 'vitest';
import { type PendingCall, PendingCalls } from '../../src/host/pending-calls.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

interface Call extends PendingCall {
  readonly name: string;
}

function calls() {
  const clock = new VirtualClock();
  const pending: Call[] = [];
  const missed: string[] = [];
  let looks = 0;
  const looked = () => {
    looks += 1;
    return pending;
  };
  const pendingCalls = new PendingCalls<Call>(clock, looked, (call) => {
    call.isSettled = true;
    missed.push(`${call.name} ${clock.now()}`);
  });
  const add = (name: string, timeoutMs: number): Call => {
    const deadline = pendingCalls.deadlineAfter(timeoutMs);
    const call = { name, deadline, ignoreSignal: null, isSettled: false };
    pending.push(call);
    return call;
  };
  const advance = (ms: number) => {
    const until = clock.now() + ms;
    while (clock.fireNext(until));
    clock.advanceTo(until);
  };
  return { clock, add, advance, missed, looks: () => looks };
}

test('each call is given up at its own deadline, in whatever order they came', () => {
  const { add, advance, missed, looks, clock } = calls();
  add('middle', 200);
  add('last', 300);
  add('first', 100);
  add('very last', 400);
  advance(150);
  expect(missed).toEqual(['first 100']);
  add('between', 100);
  advance(300);
  expect(missed).toEqual(['first 100', 'middle 200', 'between 250', 'last 300', 'very last 400']);
  expect(looks()).toBe(5);
  expect(clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
});

test('after a look in vain the next call has its timer again', () => {
  const { add, advance, missed } = calls();
  add('settled', 100).isSettled = true;
  advance(150);
  add('late', 300);
  advance(299);
  expect(missed).toEqual([]);
  advance(1);
  expect(missed).toEqual(['late 450']);
});

test('what has settled is not looked at again', () => {
  const { add, advance, missed, looks } = calls();
  add('missed', 100);
  add('settled', 200).isSettled = true;
  advance(1_000);
  expect(missed).toEqual(['missed 100']);
  expect(looks()).toBe(1);
});

test('a deadline later than any timer can be set for is met all the same', () => {
  const { add, advance, missed, looks, clock } = calls();
  const dayMs = 24 * 60 * 60 * 1_000;
  add('in a month', 30 * dayMs);
  expect(clock.nextDeadline).toBe(dayMs);
  advance(30 * dayMs);
  expect(missed).toEqual([`in a month ${30 * dayMs}`]);
  expect(looks()).toBe(30);
});
