import { describe, expect, it } from 'vitest';
import { assign, createActor, createMachine } from 'xstate';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

function runThrough(clock: VirtualClock, time: number): void {
  while (clock.fireNext(time));
  clock.advanceTo(time);
}

describe('the virtual clock', () => {
  it('fires timers by deadline, and those of one deadline in the order they were set', () => {
    const clock = new VirtualClock();
    const fired: string[] = [];
    clock.setTimeout(() => fired.push('b at 20'), 20);
    clock.setTimeout(() => fired.push('a at 10'), 10);
    clock.setTimeout(() => fired.push('c at 20'), 20);
    runThrough(clock, 100);
    expect(fired).toEqual(['a at 10', 'b at 20', 'c at 20']);
    expect(clock.now()).toBe(100);
  });

  it('keeps the order of ten thousand timers, some of them cleared', () => {
    const clock = new VirtualClock();
    const fired: number[] = [];
    let next = 12345;
    const timers = Array.from({ length: 10_000 }, () => {
      next = (Math.imul(next, 1103515245) + 12345) & 0x7fffffff;
      const delayMs = next % 997;
      return clock.setTimeout(() => fired.push(delayMs), delayMs);
    });
    for (const [place, each] of timers.entries()) if (place % 3 === 0) clock.clearTimeout(each);
    runThrough(clock, 1_000);
    expect(fired).toHaveLength(6_666);
    expect(fired).toEqual([...fired].sort((a, b) => a - b));
  });

  it('fires a timer that renews itself at each of its deadlines', () => {
    const clock = new VirtualClock();
    const times: number[] = [];
    const renew = () => {
      times.push(clock.now());
      clock.setTimeout(renew, 50);
    };
    clock.setTimeout(renew, 50);
    runThrough(clock, 220);
    expect(times).toEqual([50, 100, 150, 200]);
  });

  it('does not advance inside a callback', () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => clock.fireNext(), 1);
    expect(() => runThrough(clock, 10)).toThrow(/never advances inside a callback/);
  });

  it('does not jump over a deadline', () => {
    const clock = new VirtualClock();
    clock.setTimeout(() => {}, 5);
    expect(() => clock.advanceTo(6)).toThrow(/never jumps over a deadline/);
  });

  it('is XState’s clock: a delayed transition fires at its own deadline', () => {
    const clock = new VirtualClock();
    const beat = createMachine({
      context: { beats: 0 },
      initial: 'on',
      states: {
        on: {
          after: {
            50: {
              target: 'on',
              reenter: true,
              actions: assign({ beats: ({ context }) => context.beats + 1 }),
            },
          },
        },
      },
    });
    const actor = createActor(beat, { clock }).start();
    runThrough(clock, 500);
    expect(actor.getSnapshot().context.beats).toBe(10);
    actor.stop();
  });
});
