/** What is committed outlives its leader; what is not may be lost (§5.3, §5.4.1). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import { inWords, type Scenario, type ScenarioRun } from './scenario-run.ts';

export const crashedLeader: Scenario = {
  id: 'crashed-leader',
  title: 'Replication and a crashed leader',
  about:
    'A command becomes an entry on a majority of disks, and so outlives its leader. Another one does ' +
    'not get that far.',
  begin: { seed: 14, servers: 5 },

  async play(run) {
    const former = await begin(run);
    await replicate(run, former);
    await loseOne(run, former);
    const successor = await failOver(run, former);
    await goOn(run, successor);
    await comeBack(run, former, successor);
    run.expectAgreement(successor, { term: 2, log: '1 1 2 2', values: { x: '1', y: '3' } });
  },
};

async function begin(run: ScenarioRun): Promise<ServerId> {
  run.say('Five servers')`
    They elect a leader and begin to work. One entry will be on a majority of disks before the leader
    crashes, and one will not.`;
  await run.until('a leader that everybody follows', run.isSettled);
  const { id } = run.leader;
  run.expectServer(id, { role: 'leader', term: 1 });
  run.say(`${id} leads`, id)`
    ${id} was elected in term 1, and its first, empty entry is on every disk. From now on clients send
    their commands to ${id}.`;
  return id;
}

async function replicate(run: ScenarioRun, leader: ServerId): Promise<void> {
  await run.perform({ type: 'put', server: leader, key: 'x', value: '1' });
  await run.until('entry 2 is on its way', () => run.carriers(2).length === 4);
  run.expectServer(leader, { commitIndex: 1 });
  run.say('A command becomes an entry', leader)`
    A client asks for x = 1. ${leader} appends it as entry 2 of term 1 and sends it to the four others
    while its own disk is still writing. Nobody applies it yet: it is not committed.`;
  await run.until('a commit', () => run.commitIndex(leader) === 2);
  const stored = run.holders(leader, 2);
  run.expect('how many followers are known to store it', stored.length, 2);
  run.say('On a majority: committed', leader)`
    ${inWords(stored)} have answered that entry 2 is on their disks. With ${leader} that is three of
    five, so it is committed (§5.3). ${leader} applies it and answers the client.`;
  await run.until('everybody has applied it', run.isSettled);
  run.expectOutcome(1, 'applied');
  run.say('The others follow')`
    The leader’s next messages tell how far the log is committed. Now all five have applied x = 1, in
    the same place of the same log.`;
}

async function loseOne(run: ScenarioRun, leader: ServerId): Promise<void> {
  await run.perform({ type: 'put', server: leader, key: 'y', value: '2' });
  await run.until('entry 3 is on its disk', () => run.server(leader).disk.lastIndex === 3);
  const carriers = run.carriers(3);
  run.expect('how many messages carry entry 3', carriers.length, 4);
  await run.perform(...carriers.map(({ number }) => ({ type: 'drop', flight: number }) as const));
  run.expect('how many still do', run.carriers(3).length, 0);
  run.say('An entry that nobody else has', leader)`
    y = 2 is entry 3. It is on ${leader}’s disk, and the four messages that carried it have just been
    lost. One of five is no majority.`;
  await run.perform({ type: 'crash', server: leader });
  run.expectServer(leader, { log: '1 1 1' });
  run.expectOutcome(2, 'unknown stopped');
  run.say(`${leader} crashes`, leader)`
    Its client is told neither yes nor no: nobody knows what will become of y = 2. The entry stays on
    ${leader}’s disk. The others notice that their connections to ${leader} are gone.`;
}

async function failOver(run: ScenarioRun, former: ServerId): Promise<ServerId> {
  await run.until('another leader', () => (run.leaders[0]?.id ?? former) !== former);
  const successor = run.leader.id;
  run.expectServer(successor, { role: 'leader', term: 2, log: '1 1 2' });
  run.say(`${successor} leads term 2`, successor)`
    Servers vote only for a log at least as up to date as their own, and it takes a majority (§5.4.1).
    Entry 2 is on a majority as well, so whoever wins has it. Entry 3 was nowhere else.`;
  return successor;
}

async function goOn(run: ScenarioRun, successor: ServerId): Promise<void> {
  await run.until(`${successor} has committed`, run.isLed);
  await run.perform({ type: 'put', server: successor, key: 'y', value: '3' });
  await run.until('y = 3 is applied', () => run.call(3).outcome !== null);
  await run.until('everybody has applied it', run.isSettled);
  run.expectOutcome(3, 'applied');
  run.expectServer(successor, { log: '1 1 2 2' });
  run.say('Four go on', successor)`
    Entry 3 is now ${successor}’s own first entry, of term 2, and entry 4 is y = 3. Four servers have
    applied both. On the disk of the old leader entry 3 is of term 1.`;
}

async function comeBack(run: ScenarioRun, former: ServerId, successor: ServerId): Promise<void> {
  await run.perform({ type: 'restart', server: former });
  await run.until(`${former} runs`, () => run.server(former).state !== null);
  run.expectServer(former, { role: 'follower', term: 1, log: '1 1 1' });
  run.say(`${former} returns`, former)`
    It starts as a follower with what its disk holds: term 1 and three entries. It cannot know whether
    the last one is committed; the leader will tell it.`;
  await run.until('its log is the leader’s', () => run.log(former) === '1 1 2 2');
  run.say('The uncommitted entry is replaced', former)`
    At index 3 ${successor} has an entry of term 2, ${former} one of term 1. A leader never changes its
    own log, so ${former} gives way and takes entries 3 and 4 (§5.3). y = 2 has never happened.`;
  await run.until('everybody agrees', run.isSettled);
  run.say('Five equal logs', former)`
    ${former} has caught up: x = 1 and y = 3 on all five. What was committed has survived the crash;
    what was not is gone.`;
}
