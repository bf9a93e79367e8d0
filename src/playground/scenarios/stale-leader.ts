/** A leader on the wrong side of a partition does no harm (§5.3, §8; thesis §6.2, §6.4). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Frame } from '../frame.ts';
import {
  expectAgreement,
  expectCommit,
  expectLog,
  expectOutcome,
  expectRole,
  expectSame,
  expectValue,
  lastOf,
} from './assertions.ts';
import {
  callIn,
  inWords,
  isLed,
  isSettled,
  leaderIn,
  leadersOf,
  serverAt,
  serverIdsOf,
  termsOf,
  timerOf,
} from './queries.ts';
import type { Director, Scenario } from './scenario.ts';

/** A leader that hears from no majority for so long steps down at its next check. */
const CHECK_MS = 600;

export const staleLeader: Scenario = {
  id: 'stale-leader',
  title: 'Minority partition and stale leader',
  about:
    'The network splits, and the leader is left with one follower. It can neither write nor read, and ' +
    'gives up within a second or so.',
  // Patient enough that what the majority does fits in before the old leader gives up.
  begin: {
    seed: 2,
    servers: 5,
    timing: { electionTimeoutMinMs: CHECK_MS, electionTimeoutMaxMs: 900 },
  },

  async play(director) {
    const stale = await begin(director);
    const few = await split(director, stale);
    const leader = await electOther(director, stale);
    await overtake(director, stale, leader);
    await readStale(director, stale);
    await heal(director, few, leader);
    expectAgreement(director.frame, '1 1 2 2', { x: '3' });
    expectRole(director.frame, leader, 'leader', 2);
    for (const id of few) expectRole(director.frame, id, 'follower', 2);
  },
};

async function begin(director: Director): Promise<ServerId> {
  director.say(
    'Five servers',
    'They elect a leader, and a client writes x = 1. Then the network will split in two.',
  );
  await director.until('a leader that everybody follows', isSettled);
  const { id } = leaderIn(director.frame);
  expectRole(director.frame, id, 'leader', 1);
  await director.perform({ type: 'put', server: id, key: 'x', value: '1' });
  // The leader has just heard from a majority: it will take it a while to doubt.
  const isFresh = (frame: Frame) => {
    const { delay, startedAtMs } = timerOf(serverAt(frame, id));
    const agoMs = frame.atMs - startedAtMs;
    return delay === 'electionTimeoutMin' && agoMs > 150 && agoMs < 250;
  };
  await director.until('a quorum check has passed', (frame) => {
    return callIn(frame, 1).outcome !== null && isSettled(frame) && isFresh(frame);
  });
  expectOutcome(director.frame, 1, 'applied');
  director.say(
    `${id} leads, and x = 1`,
    `${id} leads term 1. x = 1 is entry 2, committed and applied by all five.`,
    id,
  );
  return id;
}

/** @returns the side of the stale leader */
async function split(director: Director, stale: ServerId): Promise<readonly ServerId[]> {
  const [companion, ...many] = serverIdsOf(director.frame.servers).filter((id) => id !== stale);
  const few = [stale, companion!];
  await director.perform({ type: 'partition', groups: [few, many] });
  director.say(
    'The network splits',
    `${inWords(few)} are on one side, ${inWords(many)} on the other, and nothing gets across. ${stale} ` +
      'still leads and cannot know what has happened: silence looks the same as slowness.',
    stale,
  );
  await director.perform({ type: 'put', server: stale, key: 'x', value: '2' });
  const isStored = (frame: Frame) =>
    serverAt(frame, stale).followers.some(({ matchIndex }) => matchIndex === 3);
  await director.until(`entry 3 is known to be at ${companion}`, isStored);
  for (const id of few) expectLog(director.frame, id, '1 1 1');
  expectCommit(director.frame, stale, 2);
  director.say(
    'Two of five',
    `A client writes x = 2 at ${stale}: entry 3 is on two disks. Three would be a majority, so it is not ` +
      'committed (§5.3). The client waits, and x is still 1 everywhere.',
    stale,
  );
  return few;
}

async function electOther(director: Director, stale: ServerId): Promise<ServerId> {
  await director.until('a second leader', (frame) => leadersOf(frame).length === 2);
  const { id } = leaderIn(director.frame);
  expectRole(director.frame, stale, 'leader', 1);
  expectRole(director.frame, id, 'leader', 2);
  director.say(
    'Two leaders, two terms',
    `The other three heard nothing from ${stale}, and elected ${id}. ${stale} leads term 1 and ${id} ` +
      'leads term 2. That is allowed: Raft promises at most one leader in each term (§5.2).',
    id,
  );
  return id;
}

async function overtake(director: Director, stale: ServerId, leader: ServerId): Promise<void> {
  await director.until(`${leader} has committed`, isLed);
  await director.perform({ type: 'put', server: leader, key: 'x', value: '3' });
  await director.until('x = 3 is applied', (frame) => callIn(frame, 3).outcome !== null);
  expectOutcome(director.frame, 3, 'applied');
  expectCommit(director.frame, leader, 4);
  expectValue(director.frame, leader, 'x', '3');
  expectRole(director.frame, stale, 'leader', 1);
  expectCommit(director.frame, stale, 2);
  director.say(
    'x = 3 is committed',
    `${leader} has three of five, a majority: x = 3 is its entry 4, and its client has been answered. ` +
      `${stale} still leads term 1, and there x is 1.`,
    leader,
  );
}

async function readStale(director: Director, stale: ServerId): Promise<void> {
  await director.perform({ type: 'get', server: stale, key: 'x' });
  director.say(
    'A read that must not be answered',
    `Another client reads x at ${stale}, which has x = 1 at hand. That is the past. Before it answers, a ` +
      'majority must confirm that it still leads (§8), and two of five are none.',
    stale,
  );
  await director.until('it steps down', (frame) => serverAt(frame, stale).role !== 'leader');
  const why = lastOf(director.happenings, 'steppedDown')?.why;
  expectSame('why it steps down', why?.reason ?? null, 'quorum-silent');
  await director.until('the read has its answer', (frame) => callIn(frame, 4).outcome !== null);
  expectRole(director.frame, stale, 'follower', 1);
  expectValue(director.frame, stale, 'x', '1');
  expectOutcome(director.frame, 4, 'refused not-leader');
  expectOutcome(director.frame, 2, 'pending');
  director.say(
    `${stale} steps down`,
    `For ${CHECK_MS} ms no majority has answered ${stale}, so it gives up leading (thesis §6.2). The read ` +
      'is refused: no answer rather than an old one. Whoever wrote x = 2 still waits.',
    stale,
  );
}

async function heal(director: Director, few: readonly ServerId[], leader: ServerId): Promise<void> {
  await director.perform({ type: 'heal' });
  director.say(
    'The network heals',
    `${inWords(few)} hold entry 3 of term 1, x = 2. The three others hold entries 3 and 4 of term 2, ` +
      'both committed.',
  );
  const isRepaired = (frame: Frame) =>
    few.every((id) => termsOf(serverAt(frame, id)) === '1 1 2 2');
  await director.until('both logs are repaired', isRepaired);
  for (const id of few) {
    const cut = lastOf(director.happenings, 'truncatedLog', ({ server }) => server === id);
    expectSame(
      `which entry ${id} removed`,
      cut && `${cut.from} of term ${cut.ownTerm}`,
      '3 of term 1',
    );
  }
  director.say(
    'x = 2 is overwritten',
    `${leader}’s messages bear term 2, which ${inWords(few)} adopt. Their entry 3 is of another term than ` +
      `${leader}’s, so they remove it and take what ${leader} has (§5.3).`,
  );
  await director.until('everybody agrees', isSettled);
  expectOutcome(director.frame, 2, 'refused overwritten');
  director.say(
    'Nothing was promised, nothing is broken',
    'x is 3 on all five. The client that wrote x = 2 is told that it was overwritten and never took ' +
      'effect: it may safely try again.',
  );
}
