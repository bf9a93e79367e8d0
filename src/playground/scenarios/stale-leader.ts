/** A leader on the wrong side of a partition does no harm (§5.3, §8; thesis §6.2, §6.4). */
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import {
  claim,
  claimAgreement,
  claimCommit,
  claimLog,
  claimOutcome,
  claimRole,
  claimValue,
} from './claims.ts';
import {
  callIn,
  commitIndexOf,
  idsOf,
  inWords,
  isLed,
  isSettled,
  leaderIn,
  leadersOf,
  serverAt,
  timerOf,
} from './look.ts';
import type { Director, Scenario } from './scenario.ts';

export const staleLeader: Scenario = {
  id: 'stale-leader',
  title: 'Minority partition and stale leader',
  about:
    'The network splits, and the leader is left with one follower. It can neither write nor read, ' +
    'and learns within half a second that it does not lead any more.',
  // Long enough that what the majority does fits in before the leader gives up.
  begin: { seed: 2, servers: 5, timing: { electionTimeoutMinMs: 600, electionTimeoutMaxMs: 900 } },

  async tell(director) {
    const stale = await begin(director);
    const few = await split(director, stale);
    const leader = await electOther(director, stale);
    await readStale(director, stale, leader);
    await heal(director, few);
    claimAgreement(director.frame, '1 1 2 2', { x: '3' });
    claimRole(director.frame, leader, 'leader', 2);
    claimRole(director.frame, stale, 'follower', 2);
  },
};

async function begin(director: Director): Promise<ServerId> {
  director.say(
    'Five servers',
    'They elect a leader, and a client writes x = 1. Then the network will split in two.',
  );
  await director.until('a leader that everybody follows', isSettled);
  const { id } = leaderIn(director.frame);
  await director.perform({ type: 'put', server: id, key: 'x', value: '1' });
  await director.until('x = 1 is applied', (frame) => callIn(frame, 1).outcome !== null);
  claimOutcome(director.frame, 1, 'applied');
  // A quorum check has just passed, so that the next one that can fail is two away.
  const hasChecked = (frame: Frame) => {
    const { delay, startedAtMs } = timerOf(serverAt(frame, id));
    const agoMs = frame.atMs - startedAtMs;
    return delay === 'electionTimeoutMin' && agoMs > 150 && agoMs < 250 && isSettled(frame);
  };
  await director.until('a quorum check has passed', hasChecked);
  director.say(
    `${id} leads, x = 1`,
    `${id} leads term 1. x = 1 is entry 2, committed and applied by all five.`,
  );
  return id;
}

/** @returns the side of the stale leader */
async function split(director: Director, stale: ServerId): Promise<readonly ServerId[]> {
  const [companion, ...many] = idsOf(director.frame.servers).filter((id) => id !== stale);
  const few = [stale, companion!];
  await director.perform({ type: 'partition', groups: [few, many] });
  director.say(
    'The network splits',
    `${inWords(few)} on one side, ${inWords(many)} on the other; nothing gets across. ${stale} still leads and cannot know ` +
      'what has happened: silence looks the same as slowness.',
  );
  await director.perform({ type: 'put', server: stale, key: 'x', value: '2' });
  const isStored = (frame: Frame) => leaderOfTerm(frame, stale).some((match) => match === 3);
  await director.until(`entry 3 is at ${companion}`, isStored);
  claimCommit(director.frame, stale, 2);
  claimLog(director.frame, companion!, '1 1 1');
  director.say(
    'Two of five',
    `A client writes x = 2 at ${stale}: entry 3 is on two disks. Three would be a majority, so it is not committed, the ` +
      'client waits, and everybody still has x = 1.',
  );
  return few;
}

function leaderOfTerm(frame: Frame, id: ServerId): readonly number[] {
  return serverAt(frame, id).followers.map(({ matchIndex }) => matchIndex);
}

async function electOther(director: Director, stale: ServerId): Promise<ServerId> {
  await director.until('a second leader', (frame) => leadersOf(frame).length === 2);
  const { id } = leaderIn(director.frame);
  claimRole(director.frame, stale, 'leader', 1);
  claimRole(director.frame, id, 'leader', 2);
  director.say(
    'Two leaders, two terms',
    `The three heard nothing from ${stale}, so one of them, ${id}, was elected in term 2. ${stale} leads term 1, ${id} leads ` +
      'term 2: at most one leader in each term, that is what Raft promises (§5.2).',
  );
  await director.until(`${id} has committed`, isLed);
  await director.perform({ type: 'put', server: id, key: 'x', value: '3' });
  const isApplied = (frame: Frame) => callIn(frame, 3).outcome !== null;
  await director.until('x = 3 is applied', isApplied);
  claimOutcome(director.frame, 3, 'applied');
  claimCommit(director.frame, id, 4);
  claimRole(director.frame, stale, 'leader', 1);
  director.say(
    'x = 3 is committed',
    `${id} has a majority: three of five. x = 3 is its entry 4, and its client has the answer. ${stale}, still leading ` +
      'term 1, has x = 1.',
  );
  return id;
}

async function readStale(director: Director, stale: ServerId, leader: ServerId): Promise<void> {
  await director.perform({ type: 'get', server: stale, key: 'x' });
  director.say(
    'A read that must not be answered',
    `A client reads x at ${stale}. It has x = 1 at hand, but that is the past. Before it answers, a majority must ` +
      'confirm that it still leads (§8): two of five are none.',
  );
  const hasStepped = (frame: Frame) => serverAt(frame, stale).role !== 'leader';
  await director.until(`${stale} steps down`, hasStepped);
  await director.until('the read has its answer', (frame) => callIn(frame, 4).outcome !== null);
  claimOutcome(director.frame, 2, 'pending');
  claimOutcome(director.frame, 4, 'refused not-leader');
  claimValue(director.frame, stale, 'x', '1');
  claim('the term of the former leader', serverAt(director.frame, stale).currentTerm, 1);
  claimRole(director.frame, leader, 'leader', 2);
  director.say(
    `${stale} steps down`,
    `For 300 ms no majority has answered ${stale}: it gives up (thesis §6.2). The read is refused rather than answered with ` +
      'x = 1. Whoever wrote x = 2 is told that its fate is unknown.',
  );
}

async function heal(director: Director, few: readonly ServerId[]): Promise<void> {
  await director.perform({ type: 'heal' });
  director.say(
    'The network heals',
    `${inWords(few)} hold entry 3 of term 1, x = 2; the three others hold entries 3 and 4 of term 2, both committed.`,
  );
  const isOver = (frame: Frame) => few.every((id) => commitIndexOf(serverAt(frame, id)) === 4);
  await director.until('both have caught up', isOver);
  await director.until('everybody agrees', isSettled);
  claimOutcome(director.frame, 2, 'refused overwritten');
  director.say(
    'x = 2 is gone',
    `Word of term 2 makes ${inWords(few)} its followers. Their entry 3 conflicts with the leader’s, so they remove it and ` +
      'take what is committed (§5.3). Five equal logs, x = 3 everywhere.',
  );
}
