/** Snapshots as the feed tells them (§7; Figure 13). */
import { describe, expect, test } from 'vitest';
import { elected, hears, persisted, type Step, start, takes } from '../machines/steps.ts';
import * as messages from '../rules/messages.ts';
import { pointerOf } from '../rules/states.ts';
import { heard, told } from './told.ts';

const given = { log: '1 1 1', commitIndex: 3, parameters: { trailingEntries: 1 } } as const;
const applied = (step: Step) => takes(step, { type: 'entries.applied', index: 3 });

describe('a server of its own accord', () => {
  const server = applied(start(given));

  test('takes a snapshot, and cuts its log', () => {
    expect(told(server, { type: 'snapshot.wanted' })).toEqual([
      'a takes a snapshot of what it has applied, through entry 3',
    ]);
    const taking = takes(server, { type: 'snapshot.wanted' });
    expect(told(taking, { type: 'snapshot.wanted' })).toEqual([]);
    expect(told(taking, { type: 'snapshot.taken', snapshot: pointerOf(3, 1) })).toEqual([
      'a has a snapshot through entry 3 of term 1, 1000 bytes long; of its log it keeps the entries from 3 on',
    ]);
  });
});

test('a snapshot may take the place of all that it covers', () => {
  const bare = applied(start({ ...given, parameters: { trailingEntries: 0 } }));
  const taking = takes(bare, { type: 'snapshot.wanted' });
  expect(told(taking, { type: 'snapshot.taken', snapshot: pointerOf(3, 1) })).toEqual([
    'a has a snapshot through entry 3 of term 1, 1000 bytes long; its log goes on with entry 4',
  ]);
});

describe('a leader', () => {
  const leader = takes(
    takes(applied(persisted(elected({ ...given, parameters: { trailingEntries: 0 } }))), {
      type: 'snapshot.wanted',
    }),
    { type: 'snapshot.taken', snapshot: pointerOf(3, 1) },
  );
  const wanted = {
    type: 'append.wanted',
    follower: 'b',
    from: 1,
    messagesMax: 1,
    bytesMax: 1_000,
  } as const;

  test('offers its snapshot to who needs what it has not any more, and sends it in chunks', () => {
    expect(told(leader, wanted)).toEqual([
      "a offers b its snapshot through entry 3 of term 1: b is known to store the log through entry 0, and a's begins with entry 4",
    ]);
    const offered = takes(leader, wanted);
    expect(told(offered, wanted)).toEqual([]);
    const chunk = { type: 'chunk.wanted', follower: 'b', snapshotId: 'snapshot-3' } as const;
    expect(told(offered, { ...chunk, offset: 400 })).toEqual([
      'a sends b its snapshot through entry 3, from byte 400 of 1000 on',
    ]);
    const sending = takes(offered, { ...chunk, offset: 0 });
    const { requestId, currentTerm: term } = sending.context;
    const done = { requestId, term, snapshotId: 'snapshot-3', isDone: true };
    expect(heard(sending, messages.installSnapshotResponse(done))).toEqual([
      'a learnt that b stores its log through entry 3, no longer only through 0',
    ]);
  });
});

describe('a follower', () => {
  const snapshot = pointerOf(5, 1, 's');
  const { index, term, sizeBytes } = snapshot;
  const chunk = messages.installSnapshot({ snapshot: { id: 's', index, term, sizeBytes } });
  const stored = { snapshotId: 's', requestId: 7, nextOffset: 400, snapshot: null };
  const receiving = (log: string) => hears(start({ log, currentTerm: 1 }), chunk);

  test('stores chunk after chunk', () => {
    expect(heard(start({ log: '1' }), chunk)).toEqual(['a follows b, leader of term 1']);
    expect(told(receiving('1'), { type: 'chunk.stored', ...stored })).toEqual([
      "a has stored 400 of the 1000 bytes of b's snapshot through entry 5",
    ]);
    expect(told(receiving('1'), { type: 'chunk.stored', ...stored, requestId: 1 })).toEqual([]);
  });

  test.each([
    ['is behind', '1', "a installed b's snapshot through entry 5 of term 1"],
    [
      'has entries that follow on it',
      '1 1 1 1 1 1 1',
      "a installed b's snapshot through entry 5 of term 1, and keeps the rest of its log, 2 entries long",
    ],
    [
      'has entries that do not',
      '0 0 0 0 0 1',
      "a installed b's snapshot through entry 5 of term 1, and drops the rest of its log, 1 entry long: it does not follow on it",
    ],
  ])('that %s installs it, and says what becomes of its log', (_, log, sentence) => {
    const whole = { ...stored, nextOffset: 1000, snapshot };
    expect(told(receiving(log), { type: 'chunk.stored', ...whole })).toEqual([sentence]);
  });

  test('throws away what is damaged', () => {
    expect(told(receiving('1'), { type: 'chunk.rejected', snapshotId: 's', requestId: 7 })).toEqual(
      ["a threw away b's snapshot through entry 5: its bytes are damaged; it starts over"],
    );
  });

  test('needs none of what it has committed', () => {
    const ahead = start({ log: '1 1 1 1 1 1', commitIndex: 6, currentTerm: 1 });
    expect(heard(ahead, chunk)).toEqual([
      'a follows b, leader of term 1',
      'a needs no snapshot through entry 5 from b: it has committed entry 6',
    ]);
  });
});
