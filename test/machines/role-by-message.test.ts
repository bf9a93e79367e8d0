/**
 * What every role makes of every message and every word of its host. XState ignores an event that
 * nobody handles without a word, so the table is complete, and each cell is tried.
 */
import { describe, expect, test } from 'vitest';
import { serverMachine } from '#machines/server';
import type { HostEvent } from '#machines/vocabulary';
import { MESSAGE_TYPES, type Message, type MessageType } from '#rules/messages';
import * as messages from '../rules/messages.ts';
import { only, pointerOf } from '../rules/states.ts';
import { candidate, elected, hears, persisted, preCandidate, type Step, takes } from './steps.ts';

/** Four servers in term 2 with the log '1 1': one that hears from b, and three that ask or lead. */
const servers = {
  follower: hears(
    persisted(
      hears(preCandidate({ log: '1 1', currentTerm: 2 }), messages.appendEntries({ term: 2 })),
    ),
    messages.appendEntries({ term: 2 }),
  ),
  preVote: preCandidate({ log: '1 1', currentTerm: 2 }),
  vote: candidate({ log: '1 1' }),
  leader: elected({ log: '1 1' }),
} as const satisfies Record<string, Step>;

type Role = keyof typeof servers;
/** It acts, it refuses, or it ignores the message, and then why. */
type Cell = 'acts' | 'refuses' | `ignores: ${string}`;
type Row = readonly [follower: Cell, preVote: Cell, vote: Cell, leader: Cell];

const NOT_ITS_ELECTION = 'ignores: its election is over';
const NOT_ASKED = 'ignores: only a leader of this term has asked';
const NOT_HEARD = 'ignores: only a follower that hears from the sender takes over';
const NO_LEADER = 'ignores: nothing is heard from that server';

// One row for each message, of the server's own term and as its sender would mean it.
const byMessage: Record<MessageType, readonly [Message, Row]> = {
  RequestVote: [
    messages.requestVote({ term: 2, from: 'c', lastLogIndex: 2, lastLogTerm: 1 }),
    ['refuses', 'acts', 'refuses', 'refuses'],
  ],
  RequestVoteResponse: [
    messages.requestVoteResponse({ term: 2, number: 2 }),
    [NOT_ITS_ELECTION, NOT_ITS_ELECTION, 'acts', NOT_ITS_ELECTION],
  ],
  AppendEntries: [messages.appendEntries({ term: 2 }), ['acts', 'acts', 'acts', 'refuses']],
  AppendEntriesResponse: [
    messages.appendEntriesResponse({ term: 2, matchIndex: 2 }),
    [NOT_ASKED, NOT_ASKED, NOT_ASKED, 'acts'],
  ],
  InstallSnapshot: [messages.installSnapshot({ term: 2 }), ['acts', 'acts', 'acts', 'refuses']],
  InstallSnapshotResponse: [
    messages.installSnapshotResponse({ term: 2 }),
    [NOT_ASKED, NOT_ASKED, NOT_ASKED, 'acts'],
  ],
  PreVote: [
    messages.preVote({ proposedTerm: 3, from: 'c', lastLogIndex: 2, lastLogTerm: 1 }),
    ['refuses', 'acts', 'acts', 'refuses'],
  ],
  PreVoteResponse: [
    messages.preVoteResponse({ term: 2, number: 1, proposedTerm: 3 }),
    [NOT_ITS_ELECTION, 'acts', NOT_ITS_ELECTION, NOT_ITS_ELECTION],
  ],
  TimeoutNow: [messages.timeoutNow({ term: 2 }), ['acts', NOT_HEARD, NOT_HEARD, NOT_HEARD]],
};

const proposals = [{ type: 'command', bytes: new Uint8Array(1) }] as const;
const stored = { snapshotId: 's', number: 7, nextOffset: 10, snapshot: null };

const byHostEvent: Record<Exclude<HostEvent['type'], 'rpc.received'>, readonly [HostEvent, Row]> = {
  'connection.lost': [
    { type: 'connection.lost', peer: 'b' },
    ['acts', NO_LEADER, NO_LEADER, NO_LEADER],
  ],
  'client.proposed': [
    { type: 'client.proposed', batch: 1, now: 0, proposals },
    ['refuses', 'refuses', 'refuses', 'acts'],
  ],
  'client.queried': [
    { type: 'client.queried', reads: [1] },
    ['refuses', 'refuses', 'refuses', 'acts'],
  ],
  'leadership.released': [
    { type: 'leadership.released' },
    ['ignores: it leads nothing', 'ignores: it leads nothing', 'ignores: it leads nothing', 'acts'],
  ],
  'storage.persisted': [
    { type: 'storage.persisted', number: 99, now: 0 },
    ['acts', 'acts', 'acts', 'acts'],
  ],
  'chunk.stored': [
    { type: 'chunk.stored', ...stored },
    [
      'ignores: it stores none',
      'ignores: it stores none',
      'ignores: it stores none',
      'ignores: it stores none',
    ],
  ],
  'chunk.rejected': [
    { type: 'chunk.rejected', snapshotId: 's', number: 7 },
    [
      'ignores: it stores none',
      'ignores: it stores none',
      'ignores: it stores none',
      'ignores: it stores none',
    ],
  ],
  'snapshot.taken': [
    { type: 'snapshot.taken', snapshot: pointerOf(2, 1) },
    ['acts', 'acts', 'acts', 'acts'],
  ],
  'entries.applied': [{ type: 'entries.applied', index: 1 }, ['acts', 'acts', 'acts', 'acts']],
};

const ROLES = Object.keys(servers) as Role[];
const cellsOf = <E>(rows: Record<string, readonly [E, Row]>) =>
  Object.entries(rows).flatMap(([type, [event, row]]) =>
    ROLES.map((role, at) => [role, row[at] as Cell, type, event] as const),
  );

/** What a server visibly did: another state, an effect, a word to an actor, a timer. */
function verdict(before: Step, act: () => Step): 'acts' | 'refuses' | 'ignores' {
  let after: Step;
  try {
    after = act();
  } catch {
    return 'refuses';
  }
  const isRefusal = after.effects.some(
    (effect) =>
      effect.type === 'refuse' ||
      effect.type === 'refuseReads' ||
      (effect.type === 'send' && 'granted' in effect.message && !effect.message.granted),
  );
  if (isRefusal) return 'refuses';
  const isQuiet = after.effects.length + after.tells.length + after.armed.length === 0;
  return isQuiet && after.context === before.context && after.value === before.value
    ? 'ignores'
    : 'acts';
}

test('the four are what they are said to be', () => {
  expect(ROLES.map((role) => servers[role].value)).toEqual([
    'follower.hearing',
    'candidate.preVote',
    'candidate.vote',
    'leader',
  ]);
  for (const role of ROLES) expect(servers[role].context.currentTerm).toBe(2);
});

describe('messages', () => {
  test('all of them are in the table, in Figure 2’s order', () => {
    expect(Object.keys(byMessage)).toEqual([...MESSAGE_TYPES]);
  });

  test.each(cellsOf(byMessage))('a server in %s %s: %s', (role, cell, _, message) => {
    const server = servers[role];
    expect(verdict(server, () => hears(server, message))).toBe(cell.split(':')[0]);
  });
});

describe('words of the host', () => {
  test.each(cellsOf(byHostEvent))('a server in %s %s: %s', (role, cell, _, event) => {
    const server = servers[role];
    expect(verdict(server, () => takes(server, event))).toBe(cell.split(':')[0]);
  });
});

describe('no event is ignored for want of a handler', () => {
  const actorsAsk = ['append.wanted', 'heartbeat.wanted', 'chunk.wanted'];
  const all = ['rpc.received', ...MESSAGE_TYPES, ...actorsAsk, ...Object.keys(byHostEvent)];

  test('the root decides every one of them, so every role does', () => {
    const decided = new Set(Object.keys(serverMachine.config.on ?? {}));
    expect(
      all.filter(
        (type) => !decided.has(type) && type !== 'AppendEntries' && type !== 'InstallSnapshot',
      ),
    ).toEqual([]);
  });

  test('what the leader of a term says is decided by each role for itself', () => {
    for (const role of ['follower', 'candidate', 'leader'] as const) {
      const own = Object.keys(serverMachine.root.states[role]?.config.on ?? {});
      expect(own).toEqual(expect.arrayContaining(['AppendEntries', 'InstallSnapshot']));
    }
  });

  test('no handler is for an event that does not exist', () => {
    const handled = [serverMachine.root, ...Object.values(serverMachine.root.states)].flatMap(
      ({ config }) => Object.keys(config.on ?? {}),
    );
    expect([...new Set(handled)].filter((type) => !all.includes(type))).toEqual([]);
  });

  test.each(ROLES)(
    'a replication actor that asks a server in %s is answered only by a leader',
    (role) => {
      const asked = takes(servers[role], { type: 'heartbeat.wanted', follower: 'b', previous: 0 });
      expect(only(asked, 'send')).toHaveLength(role === 'leader' ? 1 : 0);
    },
  );
});
