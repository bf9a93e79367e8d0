/** Replication actors beside their leader, live: liveness is theirs, safety is not (§5.3). */
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { fromCallback } from 'xstate';
import type { AppendEntries, Message } from '../../machines/rules/messages.ts';
import { logsMatch } from '../../machines/rules/properties.ts';
import type {
  ReplicationInput,
  ReplicationRequest,
} from '../../machines/rules/replication-events.ts';
import { leadershipOf } from '../../machines/rules/state.ts';
import { serverMachine } from '../../machines/server.ts';
import type { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { followerIn } from '../rules/states.ts';
import { type LiveCluster, liveCluster } from './live-cluster.ts';

const appends = (messages: readonly Message[]): AppendEntries[] =>
  messages.filter((message) => message.type === 'AppendEntries');
const withEntries = (messages: readonly Message[]) =>
  appends(messages).filter(({ entries }) => entries.length > 0);

/** Ends one replication actor as a crash of its own would: its leader is told nothing. */
function kill(cluster: LiveCluster, follower: string): void {
  const child = cluster.serverAt('a').getSnapshot().children[follower];
  (child as unknown as { _stop: () => void })._stop();
}

describe('a healthy cluster', () => {
  test('elects, replicates and applies everywhere', () => {
    const cluster = liveCluster();
    cluster.run(400);
    expect(cluster.leader()).toBe('a');
    cluster.propose('a', 3);
    cluster.run(100);
    for (const id of ['a', 'b', 'c'])
      expect(cluster.appliedAt(id).map(({ index }) => index)).toEqual([1, 2, 3, 4]);
    expect(cluster.errors).toEqual([]);
  });

  test('one `client.proposed` for a batch costs one AppendEntries a follower', () => {
    const cluster = liveCluster();
    cluster.run(400);
    cluster.sent.length = 0;
    cluster.propose('a', 200);
    cluster.run(5);
    expect(withEntries(cluster.sent).map(({ to, entries }) => [to, entries.length])).toEqual([
      ['b', 200],
      ['c', 200],
    ]);
  });

  test('1,000 reads cost at most five rounds of heartbeats, and no entry', () => {
    const cluster = liveCluster();
    cluster.run(410);
    cluster.sent.length = 0;
    const { lastIndex } = cluster.stateOf('a').log;
    for (let id = 0; id < 1000; id += 1) cluster.query('a', [id]);
    cluster.run(20);
    expect(leadershipOf(cluster.stateOf('a')).reads).toEqual([]);
    expect(appends(cluster.sent).filter(({ to }) => to === 'b').length).toBeLessThanOrEqual(5);
    expect(cluster.stateOf('a').log.lastIndex).toBe(lastIndex);
  });

  test('more than one message is in flight, and never more than the bound', () => {
    let inFlight = 0;
    let most = 0;
    const cluster = liveCluster({
      parameters: { entriesPerAppendMax: 1, messagesInFlightMax: 4 },
      isLost: (message) => {
        if (message.type === 'AppendEntries' && message.to === 'b' && message.entries.length > 0)
          inFlight += 1;
        if (
          message.type === 'AppendEntriesResponse' &&
          message.from === 'b' &&
          message.matchIndex > message.prevLogIndex
        )
          inFlight -= 1;
        most = Math.max(most, inFlight);
        return false;
      },
    });
    cluster.run(400);
    cluster.propose('a', 100);
    cluster.run(200);
    expect(most).toBe(4);
    expect(cluster.appliedAt('b')).toHaveLength(101);
  });

  test('what is lost on the way is noticed by a heartbeat, and sent again', () => {
    let losing = 0;
    const cluster = liveCluster({
      isLost: (message) => {
        const isLoss = losing > 0 && message.type === 'AppendEntries' && message.entries.length > 0;
        if (isLoss) losing -= 1;
        return isLoss;
      },
    });
    cluster.run(410);
    losing = 2;
    cluster.propose('a', 3);
    cluster.run(10);
    expect(cluster.stateOf('a').commitIndex).toBe(1);
    cluster.run(120);
    for (const id of ['a', 'b', 'c']) expect(cluster.stateOf(id).commitIndex).toBe(4);
  });
});

test('killing a replication actor stops the progress of that follower only', () => {
  // XState warns of words to an actor that has ended; its leader says them unknowing.
  const warn = vi.spyOn(console, 'warn').mockReturnValue();
  const cluster = liveCluster();
  cluster.run(400);
  cluster.propose('a', 1);
  cluster.run(60);
  kill(cluster, 'b');
  cluster.sent.length = 0;
  cluster.propose('a', 5);
  cluster.run(200);
  expect(cluster.sent.filter(({ from, to }) => from === 'a' && to === 'b')).toEqual([]);
  expect(followerIn(cluster.stateOf('a'), 'b').matchIndex).toBe(2);
  expect(followerIn(cluster.stateOf('a'), 'c').matchIndex).toBe(7);
  for (const id of ['a', 'c']) expect(cluster.appliedAt(id)).toHaveLength(7);
  expect(cluster.appliedAt('b')).toHaveLength(2);
  expect(cluster).toMatchObject({ errors: [], warnings: [] });
  warn.mockRestore();
});

describe('a replication actor that asks for anything, at any moment', () => {
  /** Asks what it likes every few milliseconds, and listens to nothing. */
  const asking = (clock: VirtualClock, draw: () => number) =>
    serverMachine.provide({
      actors: {
        replication: fromCallback<never, ReplicationInput>(({ input: { follower }, sendBack }) => {
          const askAnything = (): void => {
            const requests: ReplicationRequest[] = [
              {
                type: 'append.wanted',
                follower,
                from: draw() - 2,
                messagesMax: draw() % 4,
                bytesMax: draw() * 40,
              },
              { type: 'heartbeat.wanted', follower, previous: draw() - 2 },
              { type: 'chunk.wanted', follower, snapshotId: 'none', offset: draw() - 2 },
            ];
            sendBack(requests[draw() % 3] as ReplicationRequest);
            timer = clock.setTimeout(askAnything, 1 + (draw() % 7));
          };
          let timer = clock.setTimeout(askAnything, 0);
          return () => clock.clearTimeout(timer);
        }) as never,
      },
    });

  test('breaks no invariant, and progress is made all the same', () => {
    let most = 0;
    fc.assert(
      fc.property(fc.array(fc.nat(11), { minLength: 20, maxLength: 60 }), (draws) => {
        let at = 0;
        const draw = () => draws[at++ % draws.length] as number;
        const cluster = liveCluster({ machine: (clock) => asking(clock, draw) });
        const ids = ['a', 'b', 'c'];
        let commits = [0, 0, 0];
        for (let turn = 0; turn < 30; turn += 1) {
          cluster.run(40);
          const leader = cluster.leader();
          if (leader !== null) cluster.propose(leader, draw() % 3);
          const states = ids.map((id) => cluster.stateOf(id));
          const next = states.map(({ commitIndex }) => commitIndex);
          expect(cluster.errors).toEqual([]);
          expect(next.every((commit, place) => commit >= (commits[place] as number))).toBe(true);
          commits = next;
          for (const { log, leadership } of states) {
            for (const other of states) expect(logsMatch(log, other.log)).toBe(true);
            for (const { id, matchIndex } of leadership?.followers ?? []) {
              expect(matchIndex).toBeLessThanOrEqual(log.lastIndex);
              const theirs = cluster.stateOf(id).log;
              expect(theirs.termAt(matchIndex)).toBe(log.termAt(matchIndex));
            }
          }
        }
        const histories = ids.map((id) => cluster.appliedAt(id));
        for (const history of histories) {
          expect(history.map(({ index }) => index)).toEqual(history.map((_, place) => place + 1));
          const longest = histories.reduce((a, b) => (b.length > a.length ? b : a));
          expect(history.map(({ term }) => term)).toEqual(
            longest.slice(0, history.length).map(({ term }) => term),
          );
        }
        most = Math.max(most, ...commits);
      }),
      { numRuns: 40 },
    );
    expect(most).toBeGreaterThan(5);
  });
});
