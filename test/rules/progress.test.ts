/** A replication actor's own view of its follower (Figure 2, `nextIndex`; thesis §10.2). */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import * as progress from '../../machines/rules/progress.ts';

const initial = progress.initialProgress({
  follower: 'b',
  nextIndex: 6,
  lastLogIndex: 9,
  messagesInFlightMax: 3,
  bytesInFlightMax: 100,
  heartbeatIntervalMs: 50,
  chunkTimeoutMs: 300,
});
const inFlight = (number: number, through: number, bytes = 10) => ({
  requestId: number,
  through,
  bytes,
});
const snapshot = { id: 's', index: 8, term: 1, sizeBytes: 1000 };

describe('the window', () => {
  test.each([
    ['there is something to send', {}, true],
    ['there is nothing', { nextIndex: 10 }, false],
    ['so many messages are in flight', { window: [1, 2, 3].map((at) => inFlight(at, at)) }, false],
    ['so many bytes are in flight', { bytesInFlight: 100 }, false],
  ])('may be filled when %s', (_, some, expected) => {
    expect(progress.canSend({ ...initial, ...some })).toBe(expected);
  });

  test('what was sent counts as on its way, and is asked for no more (thesis §10.2.2)', () => {
    const sent = progress.recordSent(initial, { messages: [inFlight(4, 7), inFlight(5, 9, 20)] });
    expect(sent).toMatchObject({ nextIndex: 10, bytesInFlight: 30, since: 4 });
    expect(progress.entriesWanted(sent)).toEqual({
      type: 'append.wanted',
      follower: 'b',
      from: 10,
      messagesMax: 1,
      bytesMax: 70,
    });
    expect(progress.recordSent(initial, { messages: [] })).toBe(initial);
  });

  test('an acknowledgement takes out what it covers, and whatever was sent before', () => {
    const sent = progress.recordSent(initial, {
      messages: [inFlight(4, 6), inFlight(5, 7), inFlight(6, 9)],
    });
    const accepted = progress.recordAccepted(sent, { matchIndex: 7 });
    expect(accepted).toMatchObject({
      matchIndex: 7,
      nextIndex: 10,
      bytesInFlight: 10,
      window: [{ through: 9 }],
    });
    expect(progress.recordAccepted(accepted, { matchIndex: 6 })).toBe(accepted);
  });

  test('what is sent a second time takes nothing back of what was sent behind it', () => {
    const sent = progress.recordSent(initial, { messages: [inFlight(4, 9)] });
    expect(progress.recordSent(sent, { messages: [inFlight(5, 7)] }).nextIndex).toBe(10);
  });

  test('an acknowledgement of more than was told of the log is news of the log', () => {
    const accepted = progress.recordAccepted(initial, { matchIndex: 12 });
    expect(accepted).toMatchObject({ matchIndex: 12, nextIndex: 13, lastLogIndex: 12 });
  });
});

/** Refused by a follower whose log differs. */
const conflict = { requestId: 9, prevLogIndex: 5, nextIndex: 2, agrees: false };

describe('a refusal', () => {
  test.each([
    ['back to the hint', 0, 6, 3, 3],
    ['always before what was refused', 0, 6, 9, 6],
    ['never at or below what matches (little-raft #18, RATIS-1909)', 4, 6, 1, 5],
    ['never to 0', 0, 1, 0, 1],
  ])('goes %s', (_, matchIndex, prevLogIndex, nextIndex, expected) => {
    const sent = progress.recordSent({ ...initial, matchIndex }, { messages: [inFlight(4, 9)] });
    const backed = progress.decreaseNextIndex(sent, {
      ...{ requestId: 4, prevLogIndex, nextIndex, agrees: false },
    });
    expect(backed).toMatchObject({ nextIndex: expected, window: [], bytesInFlight: 0 });
  });

  test.each([
    ['to something sent from here, above what matches', 7, 5, true],
    ['at what matches', 4, 5, false],
    ['to something sent from an earlier position', 7, 4, false],
  ])('counts: %s', (_, prevLogIndex, requestId, counts) => {
    const here = { ...initial, matchIndex: 4, since: 5 };
    const refusal = { requestId, prevLogIndex, nextIndex: 5, agrees: true };
    expect(progress.isNewRefusal(here, refusal)).toBe(counts);
    expect(progress.isNewGap(here, refusal)).toBe(counts);
    expect(progress.isNewGap(here, { ...refusal, agrees: false })).toBe(false);
  });

  test.each([
    ['says where the logs agree', 5, true, true],
    ['says where they may agree', 5, false, false],
    ['is of an earlier question', 4, true, false],
  ])('of a probe %s', (_, requestId, agrees, finds) => {
    const probing = { ...initial, since: 5 };
    const refusal = { requestId, prevLogIndex: 5, nextIndex: 3, agrees };
    expect(progress.findsAgreement(probing, refusal)).toBe(finds);
  });

  test('for a gap: requests begin where the logs agree, until all of that is acknowledged', () => {
    const sent = progress.recordSent(
      { ...initial, matchIndex: 3, lastLogIndex: 40 },
      { messages: [inFlight(4, 9)] },
    );
    const gap = { requestId: 4, prevLogIndex: 8, nextIndex: 6, agrees: true };
    const closing = progress.closeGap(sent, gap);
    expect(closing).toMatchObject({ nextIndex: 6, window: [], bytesInFlight: 0 });
    const again = progress.recordSent(closing, { messages: [inFlight(5, 9)] });
    expect(progress.entriesWanted(again)).toMatchObject({ from: 6 });
    const some = progress.recordAccepted(again, { matchIndex: 7 });
    expect(progress.entriesWanted(some)).toMatchObject({ from: 8 });
    const more = progress.recordSent(some, { messages: [inFlight(6, 25)] });
    const almost = progress.recordAccepted(more, { matchIndex: 18 });
    expect(progress.entriesWanted(almost)).toMatchObject({ from: 19 });
    const all = progress.recordAccepted(more, { matchIndex: 19 });
    expect(progress.entriesWanted(all)).toMatchObject({ from: 26 });
  });

  test.each([
    ['a conflict', (gap: progress.Progress) => progress.decreaseNextIndex(gap, conflict)],
    ['a snapshot', (gap: progress.Progress) => progress.recordOffer(gap, { snapshot })],
  ])('for a gap, and then %s: nothing is known to agree any more', (_, then) => {
    const sent = progress.recordSent(initial, { messages: [inFlight(4, 9)] });
    const gap = { requestId: 4, prevLogIndex: 8, nextIndex: 6, agrees: true };
    expect(then(progress.closeGap(sent, gap)).overlap).toBeNull();
  });

  test('nothing answers a position from which nothing was sent', () => {
    expect(progress.answersThisMode(initial, { requestId: 99 })).toBe(false);
    const told = progress.recordModeStart(initial, { requestId: 5 });
    expect(progress.recordModeStart(told, { requestId: 8 }).since).toBe(5);
    expect(progress.resetMode(told).since).toBeNull();
  });
});

describe('a transfer', () => {
  const offered = progress.recordOffer(initial, { snapshot });

  test('begins at the first byte, goes on where the follower says, and starts anew with another', () => {
    expect(progress.chunkWanted(offered)).toMatchObject({ snapshotId: 's', offset: 0 });
    const next = progress.recordChunk(offered, { requestId: 1, nextOffset: 400, isDone: false });
    expect(progress.chunkWanted(next)).toMatchObject({ snapshotId: 's', offset: 400 });
    expect(progress.chunkWanted(progress.recordOffer(next, { snapshot }))).toMatchObject({
      offset: 400,
    });
    expect(
      progress.chunkWanted(progress.recordOffer(next, { snapshot: { ...snapshot, id: 't' } })),
    ).toMatchObject({
      snapshotId: 't',
      offset: 0,
    });
  });

  test('beats its follower with nothing to match, then from behind the snapshot', () => {
    expect(progress.heartbeatWanted(initial)).toMatchObject({ previous: 5 });
    expect(progress.heartbeatWanted(offered)).toMatchObject({ previous: 0 });
    const installed = progress.recordInstalled(offered);
    expect(installed).toMatchObject({ matchIndex: 8, nextIndex: 9, transfer: null });
    expect(progress.heartbeatWanted(installed)).toMatchObject({ previous: 8 });
  });

  test('leaves nothing in flight of what was sent before: the window is free behind it', () => {
    const messages = [inFlight(4, 6), inFlight(5, 7), inFlight(6, 8)];
    const full = progress.recordSent(initial, { messages });
    expect(progress.canSend(full)).toBe(false);
    expect(
      progress.canSend(progress.recordInstalled(progress.recordOffer(full, { snapshot }))),
    ).toBe(true);
  });

  test('of a snapshot below what matches takes nothing back', () => {
    const ahead = progress.recordInstalled({ ...offered, matchIndex: 9 });
    expect(ahead).toMatchObject({ matchIndex: 9, nextIndex: 10 });
  });
});

test('`matchIndex < nextIndex ≤ lastLogIndex + 1`, whatever is accepted, refused, sent or installed', () => {
  const index = fc.integer({ min: 1, max: 20 });
  const aStep = fc.oneof(
    fc.record({ do: fc.constant('accept' as const), at: index }),
    fc.record({ do: fc.constant('refuse' as const), at: index, hint: index }),
    fc.record({ do: fc.constant('send' as const), at: index }),
    fc.record({ do: fc.constant('extend' as const), at: index }),
    fc.record({ do: fc.constant('install' as const), at: index }),
  );
  fc.assert(
    fc.property(fc.array(aStep, { maxLength: 30 }), (steps) => {
      let state = initial;
      for (const step of steps) {
        // The leader sends, and counts as matching, only what its own log has.
        const at = Math.min(step.at, state.lastLogIndex);
        if (step.do === 'accept') state = progress.recordAccepted(state, { matchIndex: at });
        if (step.do === 'refuse') {
          const nextIndex = Math.min(step.hint, state.lastLogIndex + 1);
          state = progress.decreaseNextIndex(state, {
            requestId: 1,
            prevLogIndex: step.at,
            nextIndex,
            agrees: false,
          });
        }
        if (step.do === 'send' && at >= state.nextIndex)
          state = progress.recordSent(state, { messages: [inFlight(1, at)] });
        if (step.do === 'extend')
          state = progress.recordLogExtension(state, { lastLogIndex: step.at });
        if (step.do === 'install') {
          state = progress.recordInstalled(
            progress.recordOffer(state, { snapshot: { ...snapshot, index: at } }),
          );
        }
        expect(state.matchIndex).toBeLessThan(state.nextIndex);
        expect(state.nextIndex).toBeLessThanOrEqual(state.lastLogIndex + 1);
        expect(state.bytesInFlight).toBe(state.window.reduce((sum, { bytes }) => sum + bytes, 0));
      }
    }),
  );
});
