/** What events weigh: of anybody's machines, and of ours. */
import { describe, expect, it } from 'vitest';
import { weighServer } from '../../src/inspector/server-source.ts';
import { type Handled, weigh } from '../../src/inspector/weight.ts';

const [first, second] = [{}, {}];

function handled(change: Partial<Handled>): Handled {
  return {
    ...{ event: { type: 'tick' }, transitions: [first], emitted: [], machine: 'any' },
    ...{ before: 'on', value: 'on', contextBefore: {}, context: {}, taken: new Map() },
    ...change,
  };
}

describe('of anybody’s machines', () => {
  it('another outermost state is a landmark, another state within it is not', () => {
    const root = weigh(handled({ before: { on: 'a' }, value: 'off' }));
    expect(root).toEqual({ weight: 'landmark', kind: 'any: on → off' });
    expect(weigh(handled({ before: { on: 'a' }, value: { on: 'b' } })).weight).toBe('ordinary');
    const regions = { before: { one: 'a', two: 'a' }, value: { one: 'b', two: 'a' } };
    expect(weigh(handled(regions)).weight).toBe('ordinary');
  });

  it('a failure that a machine hears of is a landmark', () => {
    const event = { type: 'xstate.error.actor.trial' };
    expect(weigh(handled({ event })).weight).toBe('landmark');
  });

  it('a repeat does what the last event of its type did, whatever came between', () => {
    const taken: Handled['taken'] = new Map();
    const weights = [
      {},
      { event: { type: 'other' } },
      {},
      { transitions: [second] },
      { transitions: [second] },
      { transitions: [] },
      { transitions: [] },
    ].map((change) => weigh(handled({ ...change, taken })).weight);
    expect(weights).toEqual([
      ...['ordinary', 'ordinary', 'repeat', 'ordinary', 'repeat', 'ordinary', 'repeat'],
    ]);
  });

  it('of an actor with types without end only the first are remembered', () => {
    const taken: Handled['taken'] = new Map();
    for (let type = 0; type < 1_000; type += 1) {
      weigh(handled({ event: { type: `type ${type}` }, taken }));
    }
    expect(taken.size).toBeLessThan(100);
  });
});

const followers = [{ id: 'b', matchIndex: 7 }];
const leader = { currentTerm: 2, commitIndex: 7, leadership: { followers } };
const follower = { ...leader, leadership: null };
const append = { type: 'AppendEntries', entries: [] };
const answer = { type: 'AppendEntriesResponse', from: 'b', success: true, matchIndex: 7 };

const heard = (message: object, change: Partial<Handled> = {}) => ({
  event: { type: 'rpc.received', message },
  ...{ before: { follower: 'following' }, value: { follower: 'following' } },
  ...{ contextBefore: follower, context: follower },
  ...change,
});
const said = (type: string, effect: object) => ({
  ...heard({}),
  event: { type },
  emitted: [effect],
});
const leads = { contextBefore: leader, context: leader };
const progress = { machine: 'replication', contextBefore: followers[0], context: followers[0] };

describe('of our own machines', () => {
  it.each<[string, string, Partial<Handled>]>([
    [
      'landmark',
      'candidate → leader',
      heard(answer, { before: { candidate: 'vote' }, value: { leader: {} } }),
    ],
    ['landmark', 'newer term', heard(append, { context: { ...follower, currentTerm: 3 } })],
    ['landmark', 'PreVote', heard({ type: 'PreVote' })],
    ['landmark', 'RequestVoteResponse', heard({ type: 'RequestVoteResponse', granted: true })],
    [
      'landmark',
      'RequestVoteResponse (refused)',
      heard({ type: 'RequestVoteResponse', granted: false }),
    ],
    ['landmark', 'TimeoutNow', heard({ type: 'TimeoutNow' })],
    ['landmark', 'AppendEntriesResponse (refused)', heard({ ...answer, success: false }, leads)],
    [
      'landmark',
      'AppendEntriesResponse (refused)',
      said('any', { type: 'send', message: { ...answer, success: false } }),
    ],
    ['landmark', 'refused client.proposed', said('client.proposed', { type: 'rejectProposals' })],
    ['landmark', 'refused client.queried', said('client.queried', { type: 'rejectReads' })],
    ['landmark', 'warning', said('any', { type: 'warn' })],
    ['landmark', 'connection.lost', { ...heard({}), event: { type: 'connection.lost' } }],
    ['landmark', 'append.refused', { ...progress, event: { type: 'append.refused' } }],
    ['repeat', 'heartbeat', heard(append)],
    ['repeat', 'heartbeat', heard(answer, leads)],
    ['repeat', 'heartbeat', { ...heard({}, leads), event: { type: 'heartbeat.wanted' } }],
    ['repeat', 'heartbeat', { ...progress, event: { type: 'append.accepted' } }],
    ['ordinary', 'AppendEntries', heard({ ...append, entries: [{}] })],
    ['ordinary', 'AppendEntries', heard(append, { context: { ...follower, commitIndex: 8 } })],
    ['ordinary', 'AppendEntries', heard(append, { before: { follower: 'suspecting' } })],
    ['ordinary', 'AppendEntriesResponse', heard({ ...answer, matchIndex: 8 }, leads)],
    ['ordinary', 'client.proposed', said('client.proposed', { type: 'proposalsAppended' })],
    [
      'ordinary',
      'append.accepted',
      { ...progress, context: { matchIndex: 8 }, event: { type: 'append.accepted' } },
    ],
  ])('%s: %s', (weight, kind, change) => {
    expect(weighServer(handled({ machine: 'server', ...change }))).toEqual({ weight, kind });
  });
});
