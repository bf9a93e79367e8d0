import { describe, expect, test } from 'vitest';
import { type Entry, NO_BYTES } from '../../machines/rules/entries.ts';
import {
  DEFAULT_SESSION_SETTINGS,
  encodeSettings,
  type SessionSettings,
} from '../../machines/rules/sessions.ts';
import { command } from './peer.ts';
import { Rig } from './rig.ts';

/** A leader whose session is the one opened at index 2. */
async function leaderWithSession(options: Parameters<typeof Rig.start>[0] = {}): Promise<Rig> {
  const rig = await Rig.start(options);
  await rig.lead();
  expect(await applied(rig, rig.server.openSession())).toMatchObject({ result: { session: 2 } });
  return rig;
}

async function applied<T>(rig: Rig, call: Promise<T>): Promise<T> {
  await rig.settle();
  await rig.b.acknowledge();
  return call;
}

function repeat(rig: Rig, text: string, sequence: number, firstUnanswered = sequence) {
  const session = { session: 2, sequence, firstUnanswered };
  return applied(rig, rig.server.propose(text, { session }));
}

const opening = (index: number, time = 0): Entry => ({
  index,
  term: 1,
  time,
  type: 'openSession',
  bytes: NO_BYTES,
});

/** A follower that has applied these entries of b's, of term 1. */
async function followerOf(entries: readonly Entry[], settings?: SessionSettings): Promise<Rig> {
  const rig = await Rig.start(settings === undefined ? {} : { settings });
  await rig.b.append({ entries, leaderCommit: entries.length });
  return rig;
}

const textsOf = (rig: Rig) => rig.ledger.lines.map(({ text }) => text);

describe('each command of a session takes effect at most once (§8)', () => {
  test('a repeat gets the first answer, with the index it was applied at', async () => {
    const rig = await leaderWithSession();
    const first = await repeat(rig, 'x', 1);
    expect(first).toEqual({ outcome: 'applied', result: 1, index: 3, term: 1 });
    await repeat(rig, 'y', 2, 1);
    expect(await repeat(rig, 'x', 1)).toEqual(first);
    expect(textsOf(rig)).toEqual(['x', 'y']);
  });

  test('two copies in one batch too', async () => {
    const rig = await leaderWithSession();
    const session = { session: 2, sequence: 1 };
    const copies = [rig.server.propose('x', { session }), rig.server.propose('x', { session })];
    const [first, second] = await applied(rig, Promise.all(copies));
    expect(second).toEqual(first);
    expect(textsOf(rig)).toEqual(['x']);
  });

  test('a restart from log and snapshot forgets nothing of it', async () => {
    const parameters = { snapshotAfterEntries: 4, trailingEntries: 0 };
    const before = await leaderWithSession({ parameters });
    const first = await repeat(before, 'x', 1);
    await repeat(before, 'y', 2, 1);
    const third = await repeat(before, 'z', 3, 1);
    expect(before.storage.state.snapshot).toMatchObject({ index: 4 });
    const rig = await Rig.start({ parameters, storage: before.storage });
    await rig.lead();
    expect(rig.ledger.restores).toBe(1);
    expect(await repeat(rig, 'x', 1)).toEqual(first);
    expect(await repeat(rig, 'z', 3, 1)).toEqual(third);
    expect(textsOf(rig)).toEqual(['x', 'y', 'z']);
  });

  test('what the client has seen is forgotten, and its late copies are refused', async () => {
    const rig = await leaderWithSession();
    await repeat(rig, 'x', 1);
    await repeat(rig, 'y', 2, 2);
    expect(await repeat(rig, 'x', 1)).toMatchObject({ reason: 'answer-discarded' });
    expect(textsOf(rig)).toEqual(['x', 'y']);
  });

  test('a sequence that was given up is fenced by the next one, though it never arrived', async () => {
    const rig = await leaderWithSession();
    await repeat(rig, 'later', 2, 2);
    expect(await repeat(rig, 'late', 1)).toMatchObject({ reason: 'answer-discarded' });
    expect(textsOf(rig)).toEqual(['later']);
  });

  test('at most 64 are unanswered; the next one is refused, and may be repeated', async () => {
    const rig = await leaderWithSession();
    for (let sequence = 1; sequence <= 64; sequence += 1) await repeat(rig, 'x', sequence, 1);
    expect(await repeat(rig, 'y', 65, 1)).toMatchObject({ reason: 'overloaded', retry: true });
    expect(await repeat(rig, 'y', 65, 2)).toMatchObject({ outcome: 'applied', result: 65 });
  });
});

describe('sessions begin and end by entries alone', () => {
  test('closing one ends it', async () => {
    const rig = await leaderWithSession();
    expect(await applied(rig, rig.server.closeSession(2))).toMatchObject({ result: null });
    expect(await repeat(rig, 'x', 1)).toMatchObject({ reason: 'session-expired' });
  });

  test('as many as the settings allow; who comes then is refused', async () => {
    const settings = { ...DEFAULT_SESSION_SETTINGS, sessionsMax: 1 };
    const rig = await leaderWithSession({ settings });
    await repeat(rig, 'x', 1);
    const message =
      'the cluster has 1 sessions, the most allowed (sessionsMax), and all of them are ' +
      'in use: close those no longer needed; one that is idle for 60 min expires by itself';
    const refused = { outcome: 'refused', reason: 'overloaded', retry: true, message };
    expect(await applied(rig, rig.server.openSession())).toMatchObject(refused);
    await applied(rig, rig.server.closeSession(2));
    expect(await applied(rig, rig.server.openSession())).toMatchObject({ outcome: 'applied' });
  });

  test('one expires by cluster time, not by the clock of whoever applies (thesis §6.3)', async () => {
    const { sessionExpiryMs } = DEFAULT_SESSION_SETTINGS;
    const of = (session: number, sequence: number) => ({ session, sequence });
    const rig = await followerOf([
      opening(1),
      opening(2),
      command(3, 1, 'x', of(1, 1)),
      command(4, 1, 'y', of(2, 1)),
      command(5, 1, 'in time', { ...of(1, 2), time: sessionExpiryMs }),
      command(6, 1, 'too late', { ...of(2, 2), time: sessionExpiryMs + 1 }),
      command(7, 1, 'still there', { ...of(1, 3), time: 2 * sessionExpiryMs }),
    ]);
    expect(textsOf(rig)).toEqual(['x', 'y', 'in time', 'still there']);
  });

  test('and sooner if it never had a command: a burst of openings is soon forgotten', async () => {
    const { unusedExpiryMs = 0 } = DEFAULT_SESSION_SETTINGS;
    const rig = await followerOf([
      opening(1),
      opening(2),
      command(3, 1, 'in time', { session: 1, sequence: 1, time: unusedExpiryMs }),
      command(4, 1, 'too late', { session: 2, sequence: 1, time: unusedExpiryMs + 1 }),
    ]);
    expect(textsOf(rig)).toEqual(['in time']);
  });

  test('a settings entry changes the expiry for everybody, from its place on', async () => {
    const settings = { ...DEFAULT_SESSION_SETTINGS, sessionExpiryMs: 1_000 };
    const rig = await followerOf([
      opening(1),
      command(2, 1, 'x', { session: 1, sequence: 1, time: 5_000 }),
      { ...opening(3, 5_000), type: 'settings', bytes: encodeSettings(settings) },
      command(4, 1, 'y', { session: 1, sequence: 2, time: 6_001 }),
    ]);
    expect(textsOf(rig)).toEqual(['x']);
  });

  test('past the bound of kept bytes, the session that was silent longest goes', async () => {
    const answerBytesMax = 2;
    const rig = await followerOf(
      [
        opening(1),
        opening(2),
        command(3, 1, 'x', { session: 1, sequence: 1 }),
        command(4, 1, 'y', { session: 2, sequence: 1 }),
        command(5, 1, 'z', { session: 1, sequence: 2, firstUnanswered: 1 }),
        command(6, 1, 'gone', { session: 2, sequence: 2 }),
        command(7, 1, 'there', { session: 1, sequence: 3 }),
      ],
      { ...DEFAULT_SESSION_SETTINGS, answerBytesMax },
    );
    expect(textsOf(rig)).toEqual(['x', 'y', 'z', 'there']);
  });
});
