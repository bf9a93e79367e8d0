/** What is committed outlives its leader; what is not may be lost (§5.3, §5.4.1). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Frame } from '../frame.ts';
import {
  expectAgreement,
  expectCommit,
  expectLog,
  expectOutcome,
  expectRole,
  expectSame,
} from './assertions.ts';
import {
  callIn,
  carriersOf,
  commitIndexOf,
  inWords,
  isLed,
  isSettled,
  leaderIn,
  newestLeaderOf,
  serverAt,
  serverIdsOf,
  termsOf,
} from './queries.ts';
import type { Director, Scenario } from './scenario.ts';

export const crashedLeader: Scenario = {
  id: 'crashed-leader',
  title: 'Replication and a crashed leader',
  about:
    'A command becomes an entry on a majority of disks, and so outlives its leader. Another one does ' +
    'not get that far.',
  begin: { seed: 14, servers: 5 },

  async play(director) {
    const former = await begin(director);
    await replicate(director, former);
    await loseOne(director, former);
    const successor = await failOver(director, former);
    await goOn(director, successor);
    await comeBack(director, former, successor);
    expectAgreement(director.frame, '1 1 2 2', { x: '1', y: '3' });
    expectRole(director.frame, successor, 'leader', 2);
    expectRole(director.frame, former, 'follower', 2);
  },
};

async function begin(director: Director): Promise<ServerId> {
  director.say(
    'Five servers',
    'They elect a leader and begin to work. One entry will be on a majority of disks before the ' +
      'leader crashes, and one will not.',
  );
  await director.until('a leader that everybody follows', isSettled);
  const { id } = leaderIn(director.frame);
  expectRole(director.frame, id, 'leader', 1);
  director.say(
    `${id} leads`,
    `${id} was elected in term 1, and its first, empty entry is on every disk. Clients’ commands go to ` +
      `${id} from now on.`,
    id,
  );
  return id;
}

async function replicate(director: Director, leader: ServerId): Promise<void> {
  await director.perform({ type: 'put', server: leader, key: 'x', value: '1' });
  await director.until('entry 2 is on its way', (frame) => carriersOf(frame, 2).length === 4);
  expectCommit(director.frame, leader, 1);
  director.say(
    'A command becomes an entry',
    `A client asks for x = 1. ${leader} appends it as entry 2 of term 1 and sends it to the four others ` +
      'while its own disk is still writing. Nobody applies it yet: it is not committed.',
    leader,
  );
  await director.until('a commit', (frame) => commitIndexOf(serverAt(frame, leader)) === 2);
  const stored = leaderIn(director.frame).followers.filter(({ matchIndex }) => matchIndex === 2);
  expectSame('how many followers are known to store it', stored.length, 2);
  director.say(
    'On a majority: committed',
    `${inWords(serverIdsOf(stored))} have answered that entry 2 is on their disks. With ${leader} that is three ` +
      `of five, so it is committed (§5.3). ${leader} applies it and answers the client.`,
    leader,
  );
  await director.until('everybody has applied it', isSettled);
  expectOutcome(director.frame, 1, 'applied');
  director.say(
    'The others follow',
    'The leader’s next messages tell how far the log is committed. Now all five have applied x = 1, in ' +
      'the same place of the same log.',
  );
}

async function loseOne(director: Director, leader: ServerId): Promise<void> {
  await director.perform({ type: 'put', server: leader, key: 'y', value: '2' });
  const isOnDisk = (frame: Frame) => serverAt(frame, leader).disk.lastIndex === 3;
  await director.until(`entry 3 is on ${leader}’s disk`, isOnDisk);
  const carriers = carriersOf(director.frame, 3);
  expectSame('how many messages carry entry 3', carriers.length, 4);
  for (const { number } of carriers) await director.perform({ type: 'drop', flight: number });
  expectSame('how many still do', carriersOf(director.frame, 3).length, 0);
  director.say(
    'An entry that nobody else has',
    `y = 2 is entry 3. It is on ${leader}’s disk, and the four messages that carried it have just been ` +
      'lost. One of five is no majority.',
    leader,
  );
  await director.perform({ type: 'crash', server: leader });
  expectLog(director.frame, leader, '1 1 1');
  expectOutcome(director.frame, 2, 'unknown stopped');
  director.say(
    `${leader} crashes`,
    'Its client is told neither yes nor no: nobody knows what will become of y = 2. The entry stays on ' +
      `${leader}’s disk. The others notice that their connections to ${leader} are gone.`,
    leader,
  );
}

async function failOver(director: Director, former: ServerId): Promise<ServerId> {
  const isReplaced = (frame: Frame) => (newestLeaderOf(frame)?.id ?? former) !== former;
  await director.until('another leader', isReplaced);
  const successor = leaderIn(director.frame).id;
  expectRole(director.frame, successor, 'leader', 2);
  expectLog(director.frame, successor, '1 1 2');
  director.say(
    `${successor} leads term 2`,
    'Servers vote only for a log at least as up to date as their own, and it takes a majority (§5.4.1). ' +
      'Entry 2 is on a majority as well, so whoever wins has it. Entry 3 was nowhere else.',
    successor,
  );
  return successor;
}

async function goOn(director: Director, successor: ServerId): Promise<void> {
  await director.until(`${successor} has committed`, isLed);
  await director.perform({ type: 'put', server: successor, key: 'y', value: '3' });
  await director.until('y = 3 is applied', (frame) => callIn(frame, 3).outcome !== null);
  await director.until('everybody has applied it', isSettled);
  expectOutcome(director.frame, 3, 'applied');
  expectLog(director.frame, successor, '1 1 2 2');
  director.say(
    'Four go on',
    `Entry 3 is now ${successor}’s own first entry, of term 2, and entry 4 is y = 3. Four servers have ` +
      'applied both. On the disk of the old leader entry 3 is of term 1.',
    successor,
  );
}

async function comeBack(director: Director, former: ServerId, successor: ServerId): Promise<void> {
  await director.perform({ type: 'restart', server: former });
  await director.until(`${former} runs`, (frame) => serverAt(frame, former).state !== null);
  expectRole(director.frame, former, 'follower', 1);
  expectLog(director.frame, former, '1 1 1');
  director.say(
    `${former} returns`,
    'It starts as a follower with what its disk holds: term 1 and three entries. Whether the last one ' +
      'is committed it cannot know; that it hears from the leader.',
    former,
  );
  const isRepaired = (frame: Frame) => termsOf(serverAt(frame, former)) === '1 1 2 2';
  await director.until('its log is the leader’s', isRepaired);
  director.say(
    'The uncommitted entry is replaced',
    `At index 3 ${successor} has an entry of term 2, ${former} one of term 1. A leader never changes its ` +
      `own log, so ${former} gives way and takes entries 3 and 4 (§5.3). y = 2 has never happened.`,
    former,
  );
  await director.until('everybody agrees', isSettled);
  director.say(
    'Five equal logs',
    `${former} has caught up: x = 1 and y = 3 on all five. What was committed has survived the crash; ` +
      'what was not is gone.',
    former,
  );
}
