/** Where commands wait for a session: whatever comes of opening it, everybody who waits is told. */
import { describe, expect, test } from 'vitest';
import { SessionGate, type SessionOpener } from '../../src/session/session-gate.ts';
import { endOfTurn } from '../../src/simulation/turn.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

type Told = Awaited<ReturnType<SessionOpener<{ readonly why: string }>['open']>>;

/** Each opening ends as the test says. */
function gateWith(open: (deadlineMs: number) => Promise<Told>) {
  const clock = new VirtualClock();
  const opener: SessionOpener<{ readonly why: string }> = {
    open,
    expired: (isOpening) => ({ why: isOpening ? 'opening' : 'full' }),
    cancelled: () => ({ why: 'cancelled' }),
  };
  return { clock, gate: new SessionGate(opener, clock) };
}

describe('a session gate', () => {
  test('whose opener throws rejects all who wait, and opens anew for the next', async () => {
    let opened = 0;
    const { clock, gate } = gateWith(async () => {
      opened += 1;
      if (opened === 1) throw new TypeError('no owner');
      return { session: 7 };
    });
    const both = await Promise.allSettled([gate.enter(100), gate.enter(200)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(both[0]).toMatchObject({ reason: { message: 'no owner' } });
    expect(clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
    expect(await gate.enter(100)).toMatchObject({ sequence: 1, window: { session: 7 } });
  });

  test('that was late refuses those whose time is up, and tries again for the others', async () => {
    const endings: ((told: Told) => void)[] = [];
    const deadlines: number[] = [];
    const { gate } = gateWith((deadlineMs) => {
      deadlines.push(deadlineMs);
      return new Promise((resolve) => endings.push(resolve));
    });
    const first = gate.enter(100);
    const second = gate.enter(900);
    // The opening under way is for the first only, and ends a little before its timer.
    endings[0]?.(null);
    expect(await first).toEqual({ why: 'opening' });
    await endOfTurn();
    expect(deadlines).toEqual([100, 900]);
    endings[1]?.({ session: 7 });
    expect(await second).toMatchObject({ sequence: 1 });
  });
});
