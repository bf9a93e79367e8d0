/** What is committed outlives its leader; what is not may be lost (§5.3, §5.4.1). */
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import { claim, claimAgreement, claimCommit, claimLog, claimOutcome, claimRole } from './claims.ts';
import {
  carriersOf,
  commitIndexOf,
  idsOf,
  inWords,
  isLed,
  isSettled,
  leaderIn,
  leaderOf,
  serverAt,
  termsOf,
} from './look.ts';
import type { Director, Scenario } from './scenario.ts';

export const crashedLeader: Scenario = {
  id: 'crashed-leader',
  title: 'Replication and a crashed leader',
  about:
    'A command becomes an entry on a majority of disks, and so outlives its leader. Another one ' +
    'does not get that far.',
  begin: { seed: 1, servers: 5 },

  async tell(director) {
    director.say(
      'Five servers',
      'They elect a leader and begin to work. One entry will be stored by a majority before that ' +
        'leader crashes, and one will not.',
    );
    await director.until('a leader that everybody follows', isSettled);
    const former = leaderIn(director.frame).id;
    director.say(
      `${former} leads`,
      `${former} was elected in term 1, and its first entry is on every disk. From here on clients’ commands go to ${former}.`,
    );
    await replicate(director, former);
    await loseOne(director, former);
    const successor = await failOver(director, former);
    await comeBack(director, former, successor);
    claimAgreement(director.frame, '1 1 2 2', { x: '1', y: '3' });
    claimRole(director.frame, successor, 'leader', 2);
    claimRole(director.frame, former, 'follower', 2);
  },
};

async function replicate(director: Director, leader: ServerId): Promise<void> {
  await director.perform({ type: 'put', server: leader, key: 'x', value: '1' });
  await director.until('entry 2 is on its way', (frame) => carriersOf(frame, 2).length === 4);
  claimCommit(director.frame, leader, 1);
  director.say(
    'A command becomes an entry',
    `A client asks for x = 1. ${leader} appends it as entry 2 of term 1 and sends it to the four others, while its ` +
      'own disk is still writing. Nobody applies it yet: it is not committed.',
  );
  const hasCommitted = (frame: Frame) => commitIndexOf(serverAt(frame, leader)) === 2;
  await director.until('entry 2 is committed', hasCommitted);
  const stored = leaderIn(director.frame).followers.filter(({ matchIndex }) => matchIndex >= 2);
  claim('how many followers have answered', stored.length, 2);
  director.say(
    'On a majority: committed',
    `${inWords(idsOf(stored))} have answered that entry 2 is on their disks. With ${leader} that is three of five, so it ` +
      `is committed (§5.3). ${leader} applies it, and the client gets its answer.`,
  );
  await director.until('everybody has applied it', isSettled);
  claimOutcome(director.frame, 1, 'applied');
  director.say(
    'The others follow',
    'The leader’s next message tells how far the log is committed, and all five apply x = 1, in the same order as ' +
      'everything else.',
  );
}

async function loseOne(director: Director, leader: ServerId): Promise<void> {
  await director.perform({ type: 'put', server: leader, key: 'y', value: '2' });
  const isOnDisk = (frame: Frame) => serverAt(frame, leader).disk.lastIndex === 3;
  await director.until(`entry 3 is on ${leader}’s disk`, isOnDisk);
  for (const { number } of carriersOf(director.frame, 3)) {
    await director.perform({ type: 'drop', flight: number });
  }
  claim('how many carry entry 3', carriersOf(director.frame, 3).length, 0);
  director.say(
    'An entry that nobody else has',
    `y = 2 is entry 3. It is on ${leader}’s disk, and the four messages that carried it have just been lost. One of five is ` +
      'no majority.',
  );
  await director.perform({ type: 'crash', server: leader });
  claimLog(director.frame, leader, '1 1 1');
  claimOutcome(director.frame, 2, 'unknown stopped');
  director.say(
    `${leader} crashes`,
    `Its client is told neither yes nor no: nobody knows whether y = 2 will be applied. Entry 3 is still on the disk of ` +
      `${leader}, which is down. The others see that the connection is gone.`,
  );
}

async function failOver(director: Director, former: ServerId): Promise<ServerId> {
  const isReplaced = (frame: Frame) => (leaderOf(frame)?.id ?? former) !== former;
  await director.until('another leader', isReplaced);
  const successor = leaderIn(director.frame).id;
  claim(`whether ${successor} has entry 2`, termsOf(serverAt(director.frame, successor)), '1 1 2');
  director.say(
    `${successor} leads term 2`,
    `Whoever wins has the votes of a majority, and they vote only for a log at least as up to date as theirs ` +
      '(§5.4.1). Entry 2 is on a majority too: so every possible winner has it. Entry 3 was nowhere else.',
  );
  await director.until(`${successor} has committed`, isLed);
  await director.perform({ type: 'put', server: successor, key: 'y', value: '3' });
  await director.until('everybody has applied it', isSettled);
  claimOutcome(director.frame, 3, 'applied');
  claim('the entries of the four', termsOf(leaderIn(director.frame)), '1 1 2 2');
  director.say(
    'Life goes on with four',
    `${successor}’s own first entry became number 3, of term 2, and y = 3 became number 4. Four servers have both. The old ` +
      `leader’s disk holds another entry 3, of term 1.`,
  );
  return successor;
}

async function comeBack(director: Director, former: ServerId, successor: ServerId): Promise<void> {
  await director.perform({ type: 'restart', server: former });
  await director.until('it is running', (frame) => serverAt(frame, former).state !== null);
  director.say(
    `${former} returns`,
    `It starts as a follower with what its disk holds: term 1, three entries. It does not know what is committed; ` +
      'that it will hear from the leader.',
  );
  await director.until('its log is the leader’s', (frame) => {
    return termsOf(serverAt(frame, former)) === '1 1 2 2';
  });
  director.say(
    'The uncommitted entry is replaced',
    `${successor}’s entry 3 is of term 2, ${former}’s of term 1. The leader never changes its own log: the follower gives up ` +
      'entry 3 and takes the leader’s entries 3 and 4 (§5.3). y = 2 never happened.',
  );
  await director.until('everybody agrees', isSettled);
  director.say(
    'Five equal logs',
    `${former} has caught up. All five have applied x = 1 and y = 3; what was committed has survived, what was not has been ` +
      'dropped without a trace.',
  );
}
