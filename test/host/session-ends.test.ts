/** How commands of a server's own session end before their time, and what is no command at all. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Rig } from './rig.ts';

type Session = ReturnType<Rig['server']['session']>;

async function acknowledged<T>(rig: Rig, call: Promise<T>, times = 1): Promise<T> {
  for (let time = 0; time < times; time += 1) {
    await rig.settle();
    await rig.b.acknowledge();
  }
  return call;
}

/** Server `a` leads, and has a session in which one command was applied. */
async function inSession(): Promise<{ rig: Rig; session: Session }> {
  const rig = await Rig.start();
  await rig.lead();
  const session = rig.server.session();
  await acknowledged(rig, session.propose('x'), 2);
  return { rig, session };
}

/** What became of it by now. */
function watched<T>(call: Promise<T>): { readonly told: T | 'pending' } {
  const seen: { told: T | 'pending' } = { told: 'pending' };
  void call.then((outcome) => {
    seen.told = outcome;
  });
  return seen;
}

const notSubmitted = { outcome: 'refused', reason: 'not-ready' };

describe('when the server ends', () => {
  test('a command under way is unknown, and those that wait for its place are refused', async () => {
    const { rig, session } = await inSession();
    const first = Array.from({ length: 64 }, (_, at) => watched(session.propose(`${at}`)));
    const waiting = watched(session.propose('late'));
    await rig.settle();
    const stopped = watched(rig.server.stop().then(() => 'stopped'));
    // A stop has patience with calls, with a successor and with the disk.
    for (let step = 0; step < 50 && stopped.told === 'pending'; step += 1) await rig.advance(50);
    expect(stopped.told).toBe('stopped');
    await rig.advance(100);
    expect(first[0]?.told).toEqual({ outcome: 'unknown', reason: 'stopped' });
    expect(first.at(-1)?.told).toEqual({ outcome: 'unknown', reason: 'stopped' });
    expect(waiting.told).toMatchObject({ outcome: 'refused', reason: 'stopped' });
  });

  test('by a failure, too', async () => {
    const { rig, session } = await inSession();
    const call = watched(session.propose('y'));
    await rig.settle();
    rig.received$.error(new Error('no more'));
    await rig.settle();
    await rig.advance(100);
    expect(rig.failures).toHaveLength(1);
    expect(call.told).toEqual({ outcome: 'unknown', reason: 'stopped' });
  });

  test('a session that is being opened then is refused', async () => {
    const rig = await Rig.start();
    await rig.lead();
    const call = watched(rig.server.session().propose('x'));
    await rig.settle();
    rig.received$.error(new Error('no more'));
    await rig.settle();
    await rig.advance(100);
    expect(call.told).toMatchObject({ outcome: 'refused', reason: 'stopped' });
  });
});

describe('what is given up before it is submitted', () => {
  test('by its signal, in the same turn: nothing is appended', async () => {
    const { rig, session } = await inSession();
    const { lastLogIndex } = rig.server.status();
    const controller = new AbortController();
    const call = watched(session.propose('y', { signal: controller.signal }));
    controller.abort();
    await rig.settle();
    expect(call.told).toMatchObject(notSubmitted);
    expect(rig.server.status().lastLogIndex).toBe(lastLogIndex);
    // Its place is free again: the next one says that nothing below it is awaited.
    expect(await acknowledged(rig, session.propose('z'))).toMatchObject({ outcome: 'applied' });
  });

  test('by closing, in the same turn: nothing but the closing is appended', async () => {
    const { rig, session } = await inSession();
    const { lastLogIndex } = rig.server.status();
    const call = watched(session.propose('y'));
    const closed = session.close();
    await rig.settle();
    expect(call.told).toMatchObject(notSubmitted);
    await acknowledged(rig, closed);
    expect(rig.server.status().lastLogIndex).toBe(lastLogIndex + 1);
    expect(rig.ledger.lines.map(({ text }) => text)).toEqual(['x']);
  });
});

test('with a full window, nothing is said on the console, nor when answers come too late', async () => {
  const said: unknown[] = [];
  const note = (...words: unknown[]) => said.push(words);
  process.on('warning', note);
  vi.spyOn(console, 'warn').mockImplementation(note);
  const { rig, session } = await inSession();
  const calls = Array.from({ length: 64 }, (_, at) => session.propose(`${at}`));
  await rig.settle();
  const closed = session.close();
  const outcomes = await Promise.all(calls);
  expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['unknown']));
  await acknowledged(rig, closed, 3);
  await rig.settle();
  process.off('warning', note);
  vi.restoreAllMocks();
  expect(said).toEqual([]);
});

describe('what nobody can mean', () => {
  const unhandled: unknown[] = [];
  const note = (thrown: unknown) => unhandled.push(thrown);
  beforeEach(() => {
    unhandled.length = 0;
    process.on('unhandledRejection', note);
  });
  afterEach(() => {
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });

  test.each(['x'.repeat(257), '\ud800'])('an owner that is none', async (owner) => {
    const rig = await Rig.start();
    expect(() => rig.server.session({ owner })).toThrow(/^An owner is a well-formed string/);
    await expect(rig.server.openSession({ owner })).rejects.toThrow(TypeError);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, -1])('timeoutMs: %d', async (timeoutMs) => {
    const rig = await Rig.start();
    await rig.lead();
    const session = rig.server.session();
    const misuse = watched(session.propose('x', { timeoutMs }).catch((thrown) => thrown));
    await rig.settle();
    expect(misuse.told).toBeInstanceOf(TypeError);
    expect(misuse.told).toMatchObject({ message: expect.stringMatching(/^timeoutMs must be a/) });
    const next = await acknowledged(rig, session.propose('y'), 2);
    expect(next).toMatchObject({ outcome: 'applied' });
  });
});

test('who came later waits for an own deadline, not for that of the first', async () => {
  const rig = await Rig.start();
  const session = rig.server.session();
  const first = watched(session.propose('x', { timeoutMs: 100 }));
  await rig.advance(50);
  const second = session.propose('y', { timeoutMs: 5_000 });
  const seen = watched(second);
  await rig.advance(100);
  expect(first.told).toMatchObject({ outcome: 'refused', reason: 'not-ready' });
  expect(seen.told).toBe('pending');
  await rig.elect();
  for (let round = 0; round < 20; round += 1) {
    await rig.b.acknowledge();
    await rig.advance(50);
  }
  expect(await second).toMatchObject({ outcome: 'applied' });
});
