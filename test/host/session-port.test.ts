/** What a server's own session asks of its server: how often, for how long, and what it leaves behind. */
import { expect, test } from 'vitest';
import { refusal } from '../../src/host/calls.ts';
import { CommandSession, portOf, type SessionPort } from '../../src/host/command-session.ts';
import type { Outcome } from '../../src/ports/outcome.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const APPLIED: Outcome<unknown> = { outcome: 'applied', result: 1, index: 9, term: 2 };
const UNKNOWN: Outcome<unknown> = { outcome: 'unknown', reason: 'leadership-lost' };

/** A server that answers commands so, one after the other, or throws. */
function sessionWith(answers: (Outcome<unknown> | Error)[], chance = 0.5) {
  const clock = new VirtualClock();
  const asked: { readonly session: number; readonly timeoutMs: number }[] = [];
  const closed: number[] = [];
  let opened = 0;
  const port: SessionPort = {
    clock,
    random: { next: () => chance },
    open: async () => {
      opened += 1;
      const result = { session: opened, expiresAfterMs: 3_600_000 };
      return { outcome: 'applied', result, index: opened, term: 1 };
    },
    propose: async (_, { session }, timeoutMs) => {
      asked.push({ session, timeoutMs });
      const answer = answers.shift() ?? refusal('stopped', null);
      if (answer instanceof Error) throw answer;
      return answer;
    },
    close: async (id) => closed.push(id),
    answerTo: () => null,
  };
  /** Time goes on until it is answered. */
  const answered = async <T>(call: Promise<T>): Promise<T> => {
    let isOver = false;
    void call.finally(() => {
      isOver = true;
    });
    for (let step = 0; step < 20 && !isOver; step += 1) {
      await new Promise(setImmediate);
      clock.fireNext(clock.now() + 1_000);
    }
    return call;
  };
  const session = new CommandSession(port);
  return { clock, session, asked, closed, answered, opened: () => opened };
}

test('a session that expired while a fate was in doubt is replaced before the next command', async () => {
  const answers = [UNKNOWN, refusal('session-expired', null), APPLIED];
  const { session, asked, answered } = sessionWith(answers);
  expect(await answered(session.propose('x'))).toMatchObject({ outcome: 'unknown' });
  expect(await answered(session.propose('y'))).toBe(APPLIED);
  expect(asked.map((one) => one.session)).toEqual([1, 1, 2]);
});

test('a command that was overwritten is repeated, for as long as there is time', async () => {
  const { session, asked, answered } = sessionWith([refusal('overwritten', 'b'), UNKNOWN, APPLIED]);
  expect(await answered(session.propose('x', { timeoutMs: 2_000 }))).toBe(APPLIED);
  const [first = 0, second = 0, third = 0] = asked.map(({ timeoutMs }) => timeoutMs);
  expect(first).toBe(2_000);
  expect(second).toBeLessThan(first);
  expect(third).toBeLessThan(second);
  expect(third).toBeGreaterThan(0);
});

test('what nobody can tell in time is unknown, for the reason that was told last', async () => {
  const { session, answered } = sessionWith([UNKNOWN]);
  expect(await answered(session.propose('x', { timeoutMs: 10 }))).toBe(UNKNOWN);
});

test('repeats are spread by chance', async () => {
  const secondAsks = [0, 0.99].map(async (chance) => {
    const { session, asked, answered } = sessionWith([UNKNOWN, APPLIED], chance);
    await answered(session.propose('x'));
    return asked[1]?.timeoutMs;
  });
  const [sooner = 0, later = 0] = await Promise.all(secondAsks);
  expect(later).toBeLessThan(sooner);
});

test.each([
  'quota-exceeded',
  'command-failed',
  'too-large',
  'answer-discarded',
  'stopped',
] as const)('what is refused for good is not repeated: %s', async (reason) => {
  const refused = refusal(reason, null, 'a sentence');
  const { session, asked, answered } = sessionWith([refused, APPLIED]);
  expect(await answered(session.propose('x'))).toBe(refused);
  expect(asked).toHaveLength(1);
});

test('it is closed once, however often one asks for it', async () => {
  const { session, closed, answered } = sessionWith([APPLIED]);
  await answered(session.propose('x'));
  await Promise.all([session.close(), session.close()]);
  expect(closed).toEqual([1]);
});

test('an answer that this server knows, and that is a refusal, is one as any other', () => {
  const kept = { outcome: 'refused', reason: 'answer-discarded', message: 'a sentence' };
  const requests = { sessions: { answerTo: () => ({}) }, commands: { repeated: () => kept } };
  const port = portOf({} as never, requests as never, {} as never, '');
  const place = { session: 1, sequence: 1, firstUnanswered: 1 };
  expect(port.answerTo(place)).toEqual({ ...kept, leader: null, retry: false });
});

test('what was given up before it was asked opens no session', async () => {
  const { session, asked, opened } = sessionWith([]);
  const refused = await session.propose('x', { signal: AbortSignal.abort() });
  expect(refused).toMatchObject({ outcome: 'refused', reason: 'not-ready' });
  expect([opened(), asked.length]).toEqual([0, 0]);
});

test('misuse is thrown, and leaves no timer behind', async () => {
  const { clock, session, answered } = sessionWith([APPLIED, new TypeError('no command')]);
  await answered(session.propose('x'));
  while (clock.fireNext(Number.MAX_SAFE_INTEGER));
  await expect(session.propose('y')).rejects.toThrow('no command');
  expect(clock.fireNext(Number.MAX_SAFE_INTEGER)).toBe(false);
});
