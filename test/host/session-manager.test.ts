/** How a client's session is opened: whatever comes of it, every command that waits is told. */
import { describe, expect, test } from 'vitest';
import { SessionManager, type SessionOpener } from '../../src/session/session-manager.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

type Opened = Awaited<ReturnType<SessionOpener<{ readonly why: string }>['open']>>;

/** Each opening ends as the test says; a command that is sent says where it stands. */
function managerWith(open: (deadlineMs: number) => Promise<Opened>) {
  const clock = new VirtualClock();
  const manager = new SessionManager({ open, refusalOf: (why) => ({ why }) }, clock);
  const run = (deadlineMs: number) =>
    manager.run(deadlineMs, undefined, async (command) => command());
  return { clock, run };
}

describe('a session manager', () => {
  test('whose opener throws rejects all who wait, and opens anew for the next', async () => {
    let opened = 0;
    const { clock, run } = managerWith(async () => {
      opened += 1;
      if (opened === 1) throw new TypeError('no owner');
      return 7;
    });
    const both = await Promise.allSettled([run(100), run(200)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(both[0]).toMatchObject({ reason: { message: 'no owner' } });
    expect(clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
    expect(await run(100)).toMatchObject({ session: 7, sequence: 1 });
  });

  test('that was late refuses those whose time is up, and tries again for the others', async () => {
    const endings: ((opened: Opened) => void)[] = [];
    const deadlines: number[] = [];
    const { run } = managerWith((deadlineMs) => {
      deadlines.push(deadlineMs);
      return new Promise((resolve) => endings.push(resolve));
    });
    const first = run(100);
    const second = run(900);
    // The opening under way is for the first only, and ends a little before its timer.
    endings[0]?.(null);
    expect(await first).toEqual({ why: 'not-open' });
    await drainMicrotasks();
    expect(deadlines).toEqual([100, 900]);
    endings[1]?.(7);
    expect(await second).toMatchObject({ sequence: 1 });
  });
});
