/** Sessions (§8; thesis §6.3): each command takes effect at most once, however often it comes. */
import { describe, expect, test } from 'vitest';
import * as sessions from '../../machines/rules/sessions.ts';

const answer = (sequence: number): sessions.KeptAnswer => ({
  sequence,
  index: 100 + sequence,
  term: 1,
  bytes: new Uint8Array(1),
});
const session = (firstUnanswered: number, ...sequences: number[]): sessions.SessionRecord => ({
  id: 9,
  lastActive: 1_000,
  firstUnanswered,
  answers: sequences.map(answer),
  owner: '',
});

describe('what a command deserves', () => {
  test.each<[string, sessions.SessionRecord | undefined, number, number, string]>([
    ['the first of its session', session(1), 1, 1, 'apply'],
    ['the next one', session(1, 1), 2, 1, 'apply'],
    ['one that overtook another', session(1), 2, 1, 'apply'],
    ['the one that was overtaken', session(1, 2), 1, 1, 'apply'],
    ['a repeat (curvine #676)', session(1, 1), 1, 1, 'repeat'],
    ['a late copy of what the client has seen answered', session(3, 3), 2, 1, 'answer-discarded'],
    ['one that its client gave up and skipped past', session(5), 4, 4, 'answer-discarded'],
    ['any of a session nobody knows', undefined, 1, 1, 'session-expired'],
  ])('%s', (_, known, sequence, firstUnanswered, verdict) => {
    expect(sessions.judgeCommand(known, { sequence, firstUnanswered }).verdict).toBe(verdict);
  });

  test('a repeat gets the first answer, where the command was applied', () => {
    expect(sessions.judgeCommand(session(1, 1, 2), { sequence: 2, firstUnanswered: 1 })).toEqual({
      verdict: 'repeat',
      answer: answer(2),
    });
  });

  const full = session(1, ...Array.from({ length: sessions.UNANSWERED_MAX }, (_, at) => at + 1));
  test.each([
    ['the 65th without an answer is not applied', 65, 1, 'overloaded'],
    ['it is, when it says that one was answered', 65, 2, 'apply'],
    ['a repeat of one of the 64 is a repeat all the same', 64, 1, 'repeat'],
  ])('%s', (_, sequence, firstUnanswered, verdict) => {
    expect(sessions.judgeCommand(full, { sequence, firstUnanswered }).verdict).toBe(verdict);
  });
});

describe('what a session remembers', () => {
  test('answers the client has seen are forgotten, the others kept', () => {
    const after = sessions.touched(session(1, 1, 2, 3), { sequence: 4, firstUnanswered: 3 }, 1_500);
    expect(after).toEqual({ ...session(3, 3), lastActive: 1_500 });
    expect(sessions.withAnswer(after, answer(4)).answers.map(({ sequence }) => sequence)).toEqual([
      3, 4,
    ]);
  });

  test('what was declared answered is never undeclared by a late copy', () => {
    expect(sessions.touched(session(7, 7), { sequence: 7, firstUnanswered: 2 }, 0)).toMatchObject({
      firstUnanswered: 7,
      lastActive: 1_000,
    });
  });

  test('the session that was is still what it was', () => {
    const before = session(1, 1);
    sessions.withAnswer(
      sessions.touched(before, { sequence: 2, firstUnanswered: 2 }, 5_000),
      answer(2),
    );
    expect(before).toEqual(session(1, 1));
  });
});

test.each([
  ['before', 0, false],
  ['exactly at', 3_600_000, false],
  ['after', 3_600_001, true],
])('%s its time, by cluster time, a session expires: %i ms later %s', (_, later, expired) => {
  const settings = sessions.DEFAULT_SESSION_SETTINGS;
  expect(sessions.isExpired(session(1), 1_000 + later, settings)).toBe(expired);
});

/** As earlier versions wrote them. */
const OLD = { sessionExpiryMs: 3_600_000, sessionsMax: 2, answerBytesMax: 7 };
const NEW = { ...OLD, unusedExpiryMs: 60_000, sessionsPerOwnerMax: 1 };

describe('a session that never had a command', () => {
  test.each([
    ['declares nothing and keeps no answer', session(0), false],
    ['has declared what was answered', session(1), true],
    ['keeps an answer', session(0, 0), true],
  ])('is told by what every command leaves behind: one that %s', (_, known, used) => {
    expect(sessions.isUsed(known)).toBe(used);
  });

  test.each([
    ['exactly at its own time', session(0), 60_000, NEW, false],
    ['past it', session(0), 60_001, NEW, true],
    ['past it with a command', session(1), 60_001, NEW, false],
    ['past it by settings of an earlier version', session(0), 60_001, OLD, false],
    ['past everybody’s by these', session(0), 3_600_001, OLD, true],
    ['past everybody’s', session(0), 1_001, { ...NEW, sessionExpiryMs: 1_000 }, true],
  ])('expires %s', (_, known, later, settings, expired) => {
    expect(sessions.isExpired(known, 1_000 + later, settings)).toBe(expired);
  });
});

test.each<[string, string, number, number, sessions.SessionSettings, string | null]>([
  ['there is room', 'ada', 1, 0, NEW, null],
  ['the owner has its share', 'ada', 1, 1, NEW, 'sessionsPerOwnerMax'],
  ['both, and its own comes first', 'ada', 2, 1, NEW, 'sessionsPerOwnerMax'],
  ['the table is full', 'ada', 2, 0, NEW, 'sessionsMax'],
  ['nobody has no share', '', 1, 1, NEW, null],
  ['earlier versions knew no shares', 'ada', 1, 1, OLD, null],
])('a new session meets a bound: %s', (_, owner, all, ofOwner, settings, bound) => {
  expect(sessions.boundReached(settings, owner, { sessions: all, ofOwner })).toBe(bound);
});

test('settings of an earlier version are completed, and complete ones left alone', () => {
  const { unusedExpiryMs, sessionsPerOwnerMax } = sessions.DEFAULT_SESSION_SETTINGS;
  expect(sessions.completed(OLD)).toEqual({ ...OLD, unusedExpiryMs, sessionsPerOwnerMax });
  expect(sessions.completed(NEW)).toBe(NEW);
});

test.each([OLD, NEW])('settings are replicated as bytes, without what they lack', (settings) => {
  expect(sessions.decodeSettings(sessions.encodeSettings(settings))).toStrictEqual(settings);
});

test.each(['', 'ada', '\u{feff}Müller ✓'])('an owner is replicated as bytes: "%s"', (owner) => {
  expect(sessions.decodeOwner(sessions.encodeOwner(owner))).toBe(owner);
});

test('bytes that are no text are an owner too: no entry stops a cluster', () => {
  expect(sessions.decodeOwner(new Uint8Array([0xff]))).toBe('\u{fffd}');
});

test.each([
  'null',
  '{"sessionsMax":6,"answerBytesMax":7}',
  '{"sessionExpiryMs":5,"answerBytesMax":7}',
  '{"sessionExpiryMs":5,"sessionsMax":6}',
  '{"sessionExpiryMs":5,"sessionsMax":6,"answerBytesMax":7,"unusedExpiryMs":null}',
  '{"sessionExpiryMs":5,"sessionsMax":6,"answerBytesMax":7,"sessionsPerOwnerMax":"8"}',
  '{"sessionExpiryMs":0.5,"sessionsMax":6,"answerBytesMax":7}',
])('%s are no settings, and stop the server', (text) => {
  expect(() => sessions.decodeSettings(new TextEncoder().encode(text))).toThrow(
    /holds the settings of sessions/,
  );
});
