/** Logs as the feed tells them: appended, refused, taken back, committed, withheld, applied. */
import { describe, expect, test } from 'vitest';
import { elected, hears, persisted, type Step, start, takes } from '../machines/steps.ts';
import * as messages from '../rules/messages.ts';
import { entriesOf } from '../rules/states.ts';
import { factsIn, heard, told } from './told.ts';

const prev = (prevLogIndex: number, prevLogTerm: number) => ({ prevLogIndex, prevLogTerm });
const command = { type: 'command', bytes: new Uint8Array(2) } as const;
const proposed = (count: number) =>
  ({
    type: 'client.proposed',
    batch: 1,
    now: 0,
    proposals: Array.from({ length: count }, () => command),
  }) as const;

describe('a follower', () => {
  /** It hears from b, leader of term 3. */
  const follower = hears(
    start({ log: '1 1 2', currentTerm: 3 }),
    messages.appendEntries({ term: 3, ...prev(3, 2) }),
  );

  test('appends what follows on its log, in runs of one term', () => {
    const entries = entriesOf('2 3 3', 4);
    expect(heard(follower, messages.appendEntries({ term: 3, ...prev(3, 2), entries }))).toEqual([
      'a heard from b, leader of term 3',
      'a appended entry 4 of term 2 and entries 5 to 6 of term 3, from b',
    ]);
  });

  test('removes what conflicts, with both terms (§5.3)', () => {
    const entries = entriesOf('3', 2);
    expect(heard(follower, messages.appendEntries({ term: 3, ...prev(1, 1), entries }))).toEqual([
      'a heard from b, leader of term 3',
      'a removed its entries 2 to 3: entry 2 is of term 1 there, and of term 3 in the log of b',
      'a appended entry 2 of term 3, from b',
    ]);
  });

  test('refuses what does not follow on its log, with both terms (§5.3)', () => {
    expect(heard(follower, messages.appendEntries({ term: 3, ...prev(3, 3) }))).toEqual([
      'a heard from b, leader of term 3',
      'a refused what b sent: it follows on entry 3 of term 3, and its entry 3 is of term 2; their logs may agree through entry 3',
    ]);
    expect(heard(follower, messages.appendEntries({ term: 3, ...prev(7, 3) }))).toContain(
      'a refused what b sent: it follows on entry 7 of term 3, and its log ends at entry 3; their logs may agree through entry 3',
    );
    const empty = start({ currentTerm: 3 });
    expect(heard(empty, messages.appendEntries({ term: 3, ...prev(2, 1) }))).toContain(
      'a refused what b sent: it follows on entry 2 of term 1, and its log ends at entry 0; their logs may not agree at all',
    );
  });

  test('tells a refusal from a leader of a newer term as its own, too', () => {
    expect(heard(follower, messages.appendEntries({ term: 4, ...prev(5, 4) }))).toEqual([
      "a went from term 3 to term 4, which it learnt from b's AppendEntries",
      'a follows b, leader of term 4',
      'a refused what b sent: it follows on entry 5 of term 4, and its log ends at entry 3; their logs may agree through entry 3',
    ]);
  });

  test('learns what is committed, and applies it', () => {
    const word = messages.appendEntries({ term: 3, ...prev(3, 2), leaderCommit: 3 });
    expect(heard(follower, word)).toEqual([
      'a heard from b, leader of term 3',
      'a learnt from b that entries 1 to 3 are committed',
    ]);
    const committed = hears(follower, word);
    expect(told(committed, { type: 'entries.applied', index: 2 })).toEqual([
      'a applied entries 1 to 2',
    ]);
    expect(told(committed, { type: 'entries.applied', index: 0 })).toEqual([]);
  });

  test('hears of its disk only what is new', () => {
    const entries = entriesOf('3', 4);
    const writing = hears(
      persisted(follower),
      messages.appendEntries({ term: 3, ...prev(3, 2), entries }),
    );
    const { decided, durable } = writing.context.writes;
    expect(told(writing, { type: 'storage.persisted', writeId: decided, now: 0 })).toEqual([
      `a's disk has write ${decided}: its log is durable through entry 4`,
    ]);
    expect(told(writing, { type: 'storage.persisted', writeId: durable, now: 0 })).toEqual([]);
  });
});

describe('a leader', () => {
  /** Of term 3, with the log '1 2 3', its own disk being through. */
  const leader = persisted(elected({ log: '1 2', currentTerm: 2 }));
  const answer = (some: Partial<ReturnType<typeof messages.appendEntriesResponse>>, of = leader) =>
    messages.appendEntriesResponse({ term: 3, requestId: of.context.requestId, ...some });
  const sends = (step: Step) =>
    takes(step, { type: 'heartbeat.wanted', follower: 'b', previous: 3 });

  test('appends what clients ask for', () => {
    expect(told(leader, proposed(1))).toEqual(['a appended entry 4 of term 3, as clients asked']);
    expect(told(leader, proposed(3))).toEqual([
      'a appended entries 4 to 6 of term 3, as clients asked',
    ]);
  });

  test('commits by a majority, and says by which (§5.3)', () => {
    expect(heard(leader, answer({ matchIndex: 3 }))).toEqual([
      'a learnt that b stores its log through entry 3, no longer only through 0',
      'a committed entries 1 to 3: it knows of 2 of 3 servers that store entry 3 of term 3, a and b',
    ]);
    const settled = hears(leader, answer({ matchIndex: 3 }));
    const more = persisted(takes(settled, proposed(1)));
    expect(heard(more, answer({ from: 'c', matchIndex: 4 }))).toContain(
      'a committed entry 4 of term 3: it knows of 2 of 3 servers that store it, a and c',
    );
  });

  test('does not commit an entry of an older term by counting (§5.4.2, Figure 8)', () => {
    expect(heard(leader, answer({ matchIndex: 2 }))).toEqual([
      'a learnt that b stores its log through entry 2, no longer only through 0',
      'a did not commit entry 2: it knows of 2 of 3 servers that store it, a and b, but the entry is of term 2, and a leads term 3',
    ]);
    const withheld = hears(leader, answer({ matchIndex: 2 }));
    // Told once, not with every answer that changes nothing about it.
    expect(heard(withheld, answer({ from: 'c', matchIndex: 1 }))).toEqual([
      'a learnt that c stores its log through entry 1, no longer only through 0',
    ]);
    expect(heard(withheld, answer({ from: 'c', matchIndex: 3 }))).toContain(
      'a committed entries 1 to 3: it knows of 2 of 3 servers that store entry 3 of term 3, a and c',
    );
  });

  test('has the numbers of a commit as data', () => {
    const message = answer({ matchIndex: 2 });
    const [, withheld] = factsIn(leader, { type: 'rpc.received', message });
    expect(withheld).toEqual({
      kind: 'withheldCommit',
      server: 'a',
      entry: { index: 2, term: 2 },
      term: 3,
      matchIndexOf: [
        { id: 'a', index: 3 },
        { id: 'b', index: 2 },
        { id: 'c', index: 0 },
      ],
      needed: 2,
    });
  });

  test('learns from a refusal how far the logs may agree, whole terms at once (§5.3)', () => {
    const asked = sends(leader);
    const refusal = answer({ success: false, prevLogIndex: 3, hintIndex: 2, hintTerm: 1 }, asked);
    expect(heard(asked, refusal)).toEqual([
      'a learnt that b does not have its entry 3: their logs may agree through entry 1',
    ]);
    expect(heard(asked, { ...refusal, hintIndex: 0, hintTerm: 0 })).toEqual([
      'a learnt that b does not have its entry 3: their logs may not agree at all',
    ]);
  });

  test('makes nothing of a refusal that is older than what it knows', () => {
    const known = hears(leader, answer({ matchIndex: 3 }));
    expect(heard(known, answer({ success: false, prevLogIndex: 3, hintIndex: 1 }))).toEqual([]);
  });

  test('notices that acknowledged entries are lost, once', () => {
    const known = sends(hears(leader, answer({ matchIndex: 3 })));
    const refusal = answer({ success: false, prevLogIndex: 3, hintIndex: 1, hintTerm: 1 }, known);
    expect(heard(known, refusal)).toEqual([
      'a found that b has lost entries: it had acknowledged entry 3, and has at most entry 1 now',
    ]);
    expect(heard(hears(known, refusal), refusal)).toEqual([]);
  });
});
