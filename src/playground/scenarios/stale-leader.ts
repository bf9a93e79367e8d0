/** A leader on the wrong side of a partition does no harm (§5.3, §8; thesis §6.2, §6.4). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import { inWords, type Scenario, type ScenarioRun, serverIdsOf } from './scenario-run.ts';

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

  async play(run) {
    const stale = await begin(run);
    const few = await split(run, stale);
    const leader = await electOther(run, stale);
    await overtake(run, stale, leader);
    await readStale(run, stale);
    await heal(run, few, leader);
    run.expectAgreement(leader, { term: 2, log: '1 1 2 2', values: { x: '3' } });
  },
};

async function begin(run: ScenarioRun): Promise<ServerId> {
  run.say('Five servers')`
    They elect a leader, and a client writes x = 1. Then the network will split in two.`;
  await run.until('a leader that everybody follows', run.isSettled);
  const { id } = run.leader;
  run.expectServer(id, { role: 'leader', term: 1 });
  await run.perform({ type: 'put', server: id, key: 'x', value: '1' });
  // The leader has just heard from a majority: it will take it a while to doubt.
  const isFresh = () => {
    const { delay, startedAtMs } = run.timer(id);
    const agoMs = run.frame.atMs - startedAtMs;
    return delay === 'quorumCheckInterval' && agoMs > 150 && agoMs < 250;
  };
  await run.until('a quorum check has passed', () => {
    return run.call(1).outcome !== null && run.isSettled() && isFresh();
  });
  run.expectOutcome(1, 'applied');
  run.say(`${id} leads, and x = 1`, id)`
    ${id} leads term 1. x = 1 is entry 2, committed and applied by all five.`;
  return id;
}

/** @returns the side of the stale leader */
async function split(run: ScenarioRun, stale: ServerId): Promise<readonly ServerId[]> {
  const [companion, ...many] = serverIdsOf(run.servers).filter((id) => id !== stale);
  const few = [stale, companion!];
  await run.perform({ type: 'partition', groups: [few, many] });
  run.say('The network splits', stale)`
    ${inWords(few)} are on one side, ${inWords(many)} on the other, and nothing gets across. ${stale}
    still leads and cannot know what has happened: silence looks the same as slowness.`;
  await run.perform({ type: 'put', server: stale, key: 'x', value: '2' });
  await run.until(`entry 3 is known to be at ${companion}`, () => {
    return run.holders(stale, 3).length > 0;
  });
  for (const id of few) run.expectServer(id, { log: '1 1 1' });
  run.expectServer(stale, { commitIndex: 2 });
  run.say('Two of five', stale)`
    A client writes x = 2 at ${stale}: entry 3 is on two disks. Three would be a majority, so it is not
    committed (§5.3). The client waits, and x is still 1 everywhere.`;
  return few;
}

async function electOther(run: ScenarioRun, stale: ServerId): Promise<ServerId> {
  await run.until('a second leader', () => run.leaders.length === 2);
  const { id } = run.leader;
  run.expectServer(stale, { role: 'leader', term: 1 });
  run.expectServer(id, { role: 'leader', term: 2 });
  run.say('Two leaders, two terms', id)`
    The other three heard nothing from ${stale}, and elected ${id}. ${stale} leads term 1 and ${id}
    leads term 2. That is allowed: Raft promises at most one leader in each term (§5.2).`;
  return id;
}

async function overtake(run: ScenarioRun, stale: ServerId, leader: ServerId): Promise<void> {
  await run.until(`${leader} has committed`, run.isLed);
  await run.perform({ type: 'put', server: leader, key: 'x', value: '3' });
  await run.until('x = 3 is applied', () => run.call(3).outcome !== null);
  run.expectOutcome(3, 'applied');
  run.expectServer(leader, { commitIndex: 4, values: { x: '3' } });
  run.expectServer(stale, { role: 'leader', term: 1, commitIndex: 2 });
  run.say('x = 3 is committed', leader)`
    ${leader} has three of five, a majority: x = 3 is its entry 4, and its client has been answered.
    ${stale} still leads term 1, and there x is 1.`;
}

async function readStale(run: ScenarioRun, stale: ServerId): Promise<void> {
  await run.perform({ type: 'get', server: stale, key: 'x' });
  run.say('A read that must not be answered', stale)`
    Another client reads x at ${stale}, which has x = 1 at hand. That is the past. Before it answers, a
    majority must confirm that it still leads (§8), and two of five are no majority.`;
  await run.until('it steps down', () => run.server(stale).role !== 'leader');
  run.expect('why it steps down', run.last('steppedDown')?.why.reason ?? null, 'quorum-silent');
  await run.until('the read has its answer', () => run.call(4).outcome !== null);
  run.expectServer(stale, { role: 'follower', term: 1, values: { x: '1' } });
  run.expectOutcome(4, 'refused not-leader');
  run.expectOutcome(2, 'pending');
  run.say(`${stale} steps down`, stale)`
    For ${CHECK_MS} ms no majority has answered ${stale}, so it gives up leading (thesis §6.2). The read
    is refused: no answer rather than an old one. Whoever wrote x = 2 still waits.`;
}

async function heal(run: ScenarioRun, few: readonly ServerId[], leader: ServerId): Promise<void> {
  await run.perform({ type: 'heal' });
  run.say('The network heals')`
    ${inWords(few)} hold entry 3 of term 1, x = 2. The three others hold entries 3 and 4 of term 2, both
    committed.`;
  await run.until('both logs are repaired', () => few.every((id) => run.log(id) === '1 1 2 2'));
  for (const id of few) {
    const cut = run.last('truncatedLog', ({ server }) => server === id);
    run.expect(
      `which entry ${id} removed`,
      cut && `${cut.from} of term ${cut.ownTerm}`,
      '3 of term 1',
    );
  }
  run.say('x = 2 is overwritten')`
    ${leader}’s messages carry term 2, which ${inWords(few)} adopt. Their entry 3 is of another term than
    ${leader}’s, so they remove it and take what ${leader} has (§5.3).`;
  await run.until('everybody agrees', run.isSettled);
  run.expectOutcome(2, 'refused overwritten');
  run.say('Nothing was promised, nothing is broken')`
    x is 3 on all five. The client that wrote x = 2 is told that it was overwritten and never took
    effect: it may safely try again.`;
}
