/** Clients' calls as the feed tells them (§8; thesis §6.4). */
import { describe, expect, test } from 'vitest';
import { elapses, elected, hears, persisted, start, takes } from '../machines/steps.ts';
import * as messages from '../rules/messages.ts';
import { heard, told, waited } from './told.ts';

const command = { type: 'command', bytes: new Uint8Array(2) } as const;
const proposed = {
  type: 'client.proposed',
  batch: 1,
  now: 0,
  proposals: [command, command],
} as const;
const queried = { type: 'client.queried', reads: [1] } as const;

describe('a server that does not lead', () => {
  const following = hears(start(), messages.appendEntries());

  test('refuses, and says who does', () => {
    expect(told(following, proposed)).toEqual(['a refused 2 commands: it is not the leader, b is']);
    expect(told(following, queried)).toEqual(['a refused 1 read: it is not the leader, b is']);
  });

  test('refuses, and knows of nobody who does', () => {
    expect(told(start(), proposed)).toEqual([
      'a refused 2 commands: it is not the leader, and knows of none',
    ]);
  });
});

describe('a leader', () => {
  /** Of term 2; its first entry, 3, is on its own disk only. */
  const leader = persisted(elected({ log: '1 1' }));

  test('refuses what is too much', () => {
    const small = persisted(elected({ log: '1 1', parameters: { uncommittedBytesMax: 200 } }));
    expect(told(small, proposed)).toEqual([
      'a appended entry 4 of term 2, as clients asked',
      'a refused 1 command: too much waits already',
    ]);
  });

  test('takes a read, and answers it when a majority shows that it still leads', () => {
    const { requestId } = leader.context;
    expect(told(leader, queried)).toEqual([
      `a took 1 read: answers to requests after number ${requestId} will show that it still leads, and its state must reflect entry 3`,
    ]);
    const asked = takes(takes(leader, queried), {
      type: 'heartbeat.wanted',
      follower: 'b',
      previous: 2,
    });
    const answer = { term: 2, requestId: asked.context.requestId, matchIndex: 3, prevLogIndex: 2 };
    expect(heard(asked, messages.appendEntriesResponse(answer))).toEqual([
      'a learnt that b stores its log through entry 3, no longer only through 0',
      'a committed entries 1 to 3: it knows of 2 of 3 servers that store entry 3 of term 2, a and b',
      'a knows that it still leads: 1 read may be answered once its state reflects entry 3',
    ]);
  });

  test('refuses the reads that wait when it steps down', () => {
    expect(waited(takes(leader, queried), 'quorumCheckInterval')).toEqual([
      'a stepped down as leader of term 2: it heard from nobody but itself within 300 ms, and needs 2',
      'a refused 1 read: it is not the leader, and knows of none',
    ]);
    expect(elapses(leader, 'quorumCheckInterval').context.leadership).toBeNull();
  });

  test('refuses reads that it could never answer: nothing will be committed in its term by itself', () => {
    const silent = persisted(elected({ log: '1 1', parameters: { appendsEmptyEntry: false } }));
    expect(told(silent, queried)).toEqual([
      'a refused 1 read: it has committed nothing in its term yet',
    ]);
  });
});
