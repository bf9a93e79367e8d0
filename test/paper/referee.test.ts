import { describe, expect, it } from 'vitest';
import { Log } from '../../machines/rules/log.ts';
import type { SnapshotPointer } from '../../machines/rules/state.ts';
import { checkRepeatable, INVARIANTS, simulate } from '../../src/simulation/index.ts';
import { BASE, entriesOf, HandMade, LEADERSHIP, leaderOf, stateOf } from './hand-made.ts';
import { electLeader } from './scenario.ts';

const made = () => new HandMade();
const shown = new Set<string>();

/** What is sound so far, and becomes unsound with the last step; the referee names the invariant. */
function breaks(
  name: keyof typeof INVARIANTS,
  story: string,
  before: (m: HandMade) => unknown,
  last: (m: HandMade) => unknown,
) {
  shown.add(name);
  it(`${name}: ${story}`, () => {
    const hand = made();
    before(hand);
    expect(hand.verdict).toBeNull();
    last(hand);
    expect(hand.verdict).toBe(name);
    expect(hand.referee.violation?.message).toContain(`${name} (invariant ${INVARIANTS[name]})`);
    expect(hand.referee.violation?.message).toContain('seed 7');
  });
}

const follower = (id: string, matchIndex: number) => ({
  id,
  matchIndex,
  matchedAt: 0,
  lastAcknowledgedRequest: 0,
  missedQuorumChecks: 0,
  transfer: null,
  hasLostEntries: false,
});

const snapshotHeader = (...sessions: number[]) => {
  const { configuration, settings } = BASE;
  const bytes = Uint8Array.from(sessions);
  return { id: 's', index: 5, term: 1, time: 0, configuration, settings, sessions: bytes };
};

describe('the referee names the invariant that falls (Figure 3)', () => {
  breaks(
    'Election Safety',
    'two servers lead one term (§5.2)',
    (m) => m.disks({ term: 2, vote: 'a' }).leader('a', { term: 2 }),
    (m) => m.leads('b', 2),
  );
  breaks(
    'Leader Holds Its Term',
    'a follower holds more of the term than its leader',
    (m) => m.disks({ term: 2, vote: 'a' }).leader('a', { term: 2, log: '2' }),
    (m) => m.follower('b', { term: 2, log: '2 2' }),
  );
  breaks(
    'Leader Append-Only',
    'a leader removes an entry of its own (§5.3)',
    (m) => m.disks({ term: 2, vote: 'a' }).leader('a', { term: 2, log: '1 2 2' }),
    (m) => m.leader('a', { term: 2, log: '1 2' }),
  );
  breaks(
    'Log Matching',
    'two logs with the same last entry differ before it (§5.3)',
    (m) => m.follower('a', { term: 3, log: '1 1 3' }),
    (m) => m.follower('b', { term: 3, log: '1 2 3' }),
  );
  breaks(
    'Leader Completeness',
    'a new leader lacks what an older term has committed (§5.4)',
    (m) =>
      m
        .disks({ term: 2, vote: 'a', log: '1 2' })
        .leader('a', { term: 2, log: '1 2' })
        .leader('a', { term: 2, log: '1 2', commit: 2 })
        .disk('b', { term: 3, vote: 'b', log: '1 2' })
        .disk('c', { term: 3, vote: 'b', log: '1 2' })
        .disk('a', { term: 3, vote: 'b', log: '1 2' }),
    (m) => m.leader('b', { term: 3, log: '1' }),
  );
  breaks(
    'State Machine Safety',
    'a server applies an entry twice (§5.4.3)',
    (m) => {
      m.disks({ term: 1, log: '1 1' }).follower('a', { term: 1, log: '1 1' });
      m.referee.onEffect('a', { type: 'apply', entries: entriesOf('1 1') });
      m.follower('a', { term: 1, log: '1 1', commit: 2 });
    },
    (m) => {
      m.referee.onEffect('a', { type: 'apply', entries: entriesOf('1 1').slice(1) });
      m.follower('a', { term: 1, log: '1 1', commit: 2 }, { lastApplied: 2 });
    },
  );
  breaks(
    'Quorum Log',
    'an entry counts as committed that one disk of three holds',
    (m) => m.disk('a', { term: 1, log: '1' }).follower('a', { term: 1, log: '1' }),
    (m) => m.follower('a', { term: 1, log: '1', commit: 1 }),
  );
  breaks(
    'More Up-To-Date',
    'the log of a newer term lacks what an older one has committed',
    (m) =>
      m
        .disks({ term: 1, log: '1 1' })
        .follower('a', { term: 1, log: '1 1', commit: 2 })
        .follower('b', { term: 3, log: '1 1' }),
    (m) => m.follower('b', { term: 3, log: '1 3' }),
  );
  it('who catches up may know of a commit before its log shows it (§5.4.2, Figure 8, e)', () => {
    const hand = new HandMade('d', 'e');
    hand.disks({ term: 4, vote: 'a', log: '1 2 4' }).leader('a', { term: 4, log: '1 2 4' });
    hand.leader('a', { term: 4, log: '1 2 4', commit: 3 });
    // e is as up to date as d, and could get d’s vote; the majority that holds (3, term 4) refuses it.
    hand.disk('e', { term: 3, log: '1 3' }).follower('e', { term: 3, log: '1 3' });
    hand.disk('d', { term: 4, log: '1 2' }).follower('d', { term: 4, log: '1 2', commit: 2 });
    expect(hand.verdict).toBeNull();
    hand.follower('e', { term: 4, log: '1 4' });
    expect(hand.verdict).toBe('More Up-To-Date');
  });
  breaks(
    'Committed Is Durable',
    'a server counts an entry as stored that its disk has not got',
    (m) => m.disks({ term: 1, log: '1' }).follower('a', { term: 1, log: '1 1' }),
    (m) => {
      const { writes } = stateOf('a', { term: 1 });
      m.follower('a', { term: 1, log: '1 1' }, { writes: { ...writes, durableIndex: 2 } });
    },
  );
  breaks(
    'Commit Rule',
    'a leader commits an entry of an older term by counting (§5.4.2, Figure 8)',
    (m) => m.disks({ term: 4, vote: 'a', log: '1 2' }).leader('a', { term: 4, log: '1 2' }),
    (m) => m.leader('a', { term: 4, log: '1 2', commit: 2 }),
  );
  breaks(
    'Term Never Falls',
    'a server is in an older term than its disk (§5.1)',
    (m) => m.disk('a', { term: 3 }).follower('a', { term: 3 }),
    (m) => m.follower('a', { term: 2 }),
  );
  breaks(
    'One Vote Per Term',
    'a server votes for two candidates (§5.2)',
    (m) => m.disk('c', { term: 2, vote: 'a' }).grants('c', 'a', 2),
    (m) => m.grants('c', 'b', 2),
  );
  breaks(
    'One Vote Per Term',
    'a server votes for a candidate with an older log (§5.4.1)',
    (m) =>
      m
        .disk('a', { term: 2, vote: 'a' })
        .campaigns('a', 2, 1, 1)
        .follower('b', { term: 1, log: '1 1' }),
    (m) => m.follower('b', { term: 2, vote: 'a', log: '1 1' }),
  );
  breaks(
    'Indexes Never Fall',
    'a commit index goes back',
    (m) => m.disks({ term: 1, log: '1 1' }).follower('a', { term: 1, log: '1 1', commit: 2 }),
    (m) => m.follower('a', { term: 1, log: '1 1', commit: 1 }),
  );
  breaks(
    'Log Shape',
    'a log holds an entry of a term that its server has not reached',
    (m) => m.follower('a', { term: 1, log: '1' }),
    (m) => m.follower('a', { term: 1, log: '1 2' }),
  );
  breaks(
    'Match Index',
    'a leader believes that a follower stores what it does not',
    (m) => m.disks({ term: 1, vote: 'a', log: '1' }).leader('a', { term: 1, log: '1 1' }),
    (m) => {
      const leadership = { ...LEADERSHIP, followers: [follower('b', 2)] };
      m.leader('a', { term: 1, log: '1 1' }, { leadership });
    },
  );
  breaks(
    'Next Index',
    'what was acknowledged would be sent again',
    (m) => {
      const leadership = { ...LEADERSHIP, followers: [follower('b', 1)] };
      m.disks({ term: 1, vote: 'a', log: '1' }).leader('a', { term: 1, log: '1' }, { leadership });
      m.referee.onProgress('a', 'b', { matchIndex: 1, nextIndex: 2 });
    },
    (m) => m.referee.onProgress('a', 'b', { matchIndex: 1, nextIndex: 1 }),
  );
  breaks(
    'Next Index',
    'entries would be sent that nobody has',
    (m) => {
      const leadership = { ...LEADERSHIP, followers: [follower('b', 1)] };
      m.disks({ term: 1, vote: 'a', log: '1' }).leader('a', { term: 1, log: '1' }, { leadership });
    },
    (m) => m.referee.onProgress('a', 'b', { matchIndex: 1, nextIndex: 3 }),
  );
  breaks(
    'Committed Is Never Truncated',
    'a follower removes what it knows to be committed (§5.4.3)',
    (m) => m.disks({ term: 2, log: '1 1' }).follower('a', { term: 2, log: '1 1', commit: 2 }),
    (m) => m.follower('a', { term: 2, log: '1 2', commit: 2 }),
  );
  breaks(
    'Persist Before Send',
    'a vote leaves before it is on the disk (§5.1)',
    (m) => m.disk('c', { term: 1 }).follower('c', { term: 2, vote: 'a' }),
    (m) => m.grants('c', 'a', 2),
  );
  breaks(
    'Persist Before Send',
    'entries are acknowledged before they are on the disk (§5.1)',
    (m) => m.disk('b', { term: 1, log: '1' }).follower('b', { term: 1, log: '1 1' }),
    (m) =>
      m.referee.onSend({
        type: 'AppendEntriesResponse',
        from: 'b',
        to: 'a',
        term: 1,
        requestTerm: 1,
        requestId: 1,
        success: true,
        matchIndex: 2,
        prevLogIndex: 0,
        hintIndex: 0,
        hintTerm: 0,
      }),
  );
  breaks(
    'Persist Before Send',
    'a server speaks although its storage has failed',
    (m) => m.disks({ term: 1, vote: 'a' }).leader('a', { term: 1 }).leads('a', 1),
    (m) => {
      m.referee.onStorageFailed('a');
      m.leads('a', 1);
    },
  );
  breaks(
    'Distinct Votes',
    'a candidate counts a vote that nobody has granted (§5.2)',
    (m) => m.disk('a', { term: 2, vote: 'a' }),
    (m) => {
      const campaign = {
        requestId: 1,
        term: 2,
        votes: ['a', 'b'],
        refusedBy: [],
        writeId: 1,
        isLeadershipTransfer: false,
      };
      m.referee.onState('a', stateOf('a', { term: 2, vote: 'a' }, { campaign }), 'candidate');
    },
  );
  breaks(
    'Distinct Votes',
    'a leader leads without a majority of votes (§5.2)',
    (m) => m.disk('a', { term: 2, vote: 'a' }),
    (m) => m.referee.onState('a', leaderOf('a', { term: 2 }), 'leader'),
  );
  breaks(
    'One Role',
    'a follower has what only a leader has',
    (m) => m.disk('a', { term: 1 }).follower('a', { term: 1 }),
    (m) => m.follower('a', { term: 1 }, { leadership: LEADERSHIP }),
  );
  breaks(
    'Snapshot Equals State',
    'two servers hold snapshots at one index with other sessions (§8)',
    (m) => m.referee.onSnapshot('a', snapshotHeader(1, 2)),
    (m) => m.referee.onSnapshot('b', snapshotHeader(1)),
  );
  breaks(
    'Snapshot Equals State',
    'a snapshot bears another term than what was committed at its end (§7)',
    (m) => m.disks({ term: 2, log: '1 2' }).follower('a', { term: 2, log: '1 2', commit: 2 }),
    (m) => {
      const { configuration, settings } = BASE;
      const snapshot: SnapshotPointer = {
        id: 's',
        index: 2,
        term: 1,
        sizeBytes: 1,
        time: 0,
        configuration,
        settings,
      };
      m.follower('a', { term: 2, log: '1 2', commit: 2 }, { snapshot });
    },
  );

  it('an apply that is not deterministic is found, and the entry is named', async () => {
    let servers = 0;
    const cluster = simulate({
      seed: 7,
      stateMachine: () => {
        servers += 1;
        const own = servers;
        let sum = 0;
        return {
          apply(command: number) {
            sum += command === 3 ? command * own : command;
            return sum;
          },
          query: () => sum,
          snapshot: () => [new TextEncoder().encode(String(sum))],
          restore: () => undefined,
        };
      },
    });
    const leader = await electLeader(cluster);
    for (const command of [1, 2]) await cluster.settled(cluster.at(leader).propose(command));
    void cluster.at(leader).propose(3);
    await expect(cluster.run({ forMs: 500 })).rejects.toThrow(
      /apply is not deterministic: servers \w and \w differ after entry 4 \(term 1, command 3\)/,
    );
  });

  it('a run that is not the same twice is found, and the first other line is named', async () => {
    shown.add('Determinism');
    let runs = 0;
    const run = async () => {
      runs += 1;
      const cluster = simulate({ seed: 7, stateMachine: () => counter(runs) });
      const leader = await electLeader(cluster);
      await cluster.settled(cluster.at(leader).propose('add'));
      const { result } = (await cluster.settled(cluster.at(leader).query('get'))) as {
        result: number;
      };
      await cluster.run({ forMs: result });
      return cluster;
    };
    await expect(checkRepeatable(run)).rejects.toThrow(/Determinism \(invariant 26\)/);
  });

  it('every invariant it knows is shown here', () => {
    expect([...shown].sort()).toEqual(Object.keys(INVARIANTS).sort());
  });
});

function counter(step: number) {
  let count = 0;
  return {
    apply: (_command: string) => {
      count += 100 * step;
      return count;
    },
    query: (_query: string) => count,
    snapshot: () => [new TextEncoder().encode(String(count))],
    restore: () => undefined,
  };
}

describe('the referee looks at everything once in a while', () => {
  it('the audit finds an entry that was rewritten below others that stayed', () => {
    const hand = made();
    const entries = entriesOf('1 1 3');
    const rewritten = [entries[0]!, { ...entries[1]!, time: 5 }, entries[2]!];
    const show = (id: string, log: typeof entries) =>
      hand.referee.onState(
        id,
        { ...stateOf(id, { term: 3 }), log: Log.from(BASE, log) },
        'follower',
      );
    show('a', entries);
    show('b', entries);
    hand.referee.audit();
    expect(hand.verdict).toBeNull();
    // Its last entry is the same object, and that is as far as a look after each step goes.
    show('b', rewritten);
    expect(hand.verdict).toBeNull();
    hand.referee.audit();
    expect(hand.verdict).toBe('Log Matching');
  });
});
