/**
 * Figure 8: why a leader counts copies only of entries of its own term (§5.4.2). One story with two
 * endings: the old entry is overwritten, as in (d), or committed along with a newer one, as in (e).
 * The paper’s S1 to S5 are a to e.
 */

import type { ServerId } from '../../../machines/rules/entries.ts';
import { type KeyValueCommand, keyValue } from '../../kv/index.ts';
import type { Frame } from '../frame.ts';
import {
  expectAgreement,
  expectCommit,
  expectLogs,
  expectRefusal,
  expectRole,
  expectSame,
  expectValue,
  expectVote,
  lastOf,
} from './assertions.ts';
import {
  carriersOf,
  commitIndexOf,
  isSettled,
  leaderIn,
  newestLeaderOf,
  serverAt,
  termsOf,
  votesOf,
  withholdsVotes,
} from './queries.ts';
import type { Beginning, Director, Scenario } from './scenario.ts';

const X_IS_1: KeyValueCommand = { type: 'put', key: 'x', value: '1' };
const FIRST = { term: 1, time: 0, type: 'empty', bytes: new Uint8Array(0) } as const;
const PUT = {
  term: 2,
  time: 0,
  type: 'command',
  bytes: keyValue().commands!.encode(X_IS_1),
} as const;

/** As in (a): a has led term 2, and only b has a copy of its entry. */
const begin: Beginning = {
  seed: 2,
  servers: 5,
  disks: {
    a: { term: 2, votedFor: 'a', log: [FIRST, PUT], commitIndex: 1 },
    b: { term: 2, votedFor: 'a', log: [FIRST, PUT], commitIndex: 1 },
    c: { term: 2, votedFor: 'a', log: [FIRST], commitIndex: 1 },
    d: { term: 2, votedFor: null, log: [FIRST], commitIndex: 1 },
    e: { term: 2, votedFor: null, log: [FIRST], commitIndex: 1 },
  },
  // One entry in a message, so that the old one can arrive without the new one.
  parameters: { entriesPerAppendMax: 1 },
  // Nobody is in a hurry but who is told to be.
  timing: { electionTimeoutMaxMs: 1_500 },
  areCrashesNoticed: false,
};

export const figure8Overwritten: Scenario = {
  id: 'figure-8-overwritten',
  title: 'Figure 8: on a majority, and yet overwritten',
  about:
    'Why a leader does not commit an entry of an older term by counting its copies: (a) to (d) of the ' +
    'paper’s Figure 8. S1 to S5 are a to e here.',
  begin,
  async play(director) {
    await throughC(director);
    await overwrite(director);
    expectAgreement(director.frame, '1 3 5', { x: null });
    expectRole(director.frame, 'e', 'leader', 5);
  },
};

export const figure8Committed: Scenario = {
  id: 'figure-8-committed',
  title: 'Figure 8: what commits it after all',
  about:
    'The same story with its other ending, (e): an entry of the leader’s own term on a majority commits ' +
    'everything before it. S1 to S5 are a to e here.',
  begin,
  async play(director) {
    await throughC(director);
    await commit(director);
    const successor = await failToOverwrite(director);
    await bringTogether(director);
    director.say(
      'x = 1 stays',
      'e’s entry 2 was on one disk only and has been replaced. New leaders append an empty entry at once ' +
        '(§8): so nothing of older terms has to wait for the next client.',
      'e',
    );
    expectRole(director.frame, successor, 'leader', 5);
    expectAgreement(director.frame, '1 2 4 5', { x: '1' });
  },
};

async function throughC(director: Director): Promise<void> {
  director.say(
    '(a) Term 2',
    'a has led term 2. A client’s x = 1 became its entry 2, and only b got a copy: two of five, not ' +
      'committed. Everybody has just restarted, and now a crashes.',
    'a',
  );
  await director.perform({ type: 'crash', server: 'a' });
  await campaign(director, 'e', 3, ['c', 'd']);
  await director.until('entry 2 is on e’s disk', (frame) => {
    return serverAt(frame, 'e').disk.lastIndex === 2;
  });
  expectLogs(director.frame, { e: '1 3' });
  const because = 'log-behind: 2/t2, candidate 1/t1';
  expectRefusal(director.happenings, { voter: 'b', candidate: 'e', because });
  director.say(
    '(b) Term 3',
    'c and d vote for e: all three logs end with entry 1. b refuses, since its log ends in term 2 ' +
      '(§5.4.1). As a new leader e appends an entry 2 of its own, of term 3.',
    'e',
  );
  await director.perform({ type: 'crash', server: 'e' });
  expectLogs(director.frame, { c: '1', d: '1' });
  director.say(
    'e crashes at once',
    'Its entry 2 is on its own disk and nowhere else. There are now two different entries 2: x = 1 of ' +
      'term 2 on a and b, and one of term 3 on e.',
    'e',
  );
  await director.perform({ type: 'restart', server: 'a' });
  await campaign(director, 'a', 4, ['b', 'c', 'd']);
  director.say(
    '(c) Term 4',
    'a is back, elected by b, c and d. It sends x = 1, then its own entry 3. The link from a to d is cut ' +
      'now, and entry 3 is dropped on its way: x = 1 arrives only at c.',
    'a',
  );
  await copyToC(director);
}

/** Entry 2 gets to c, and entry 3 to nobody. */
async function copyToC(director: Director): Promise<void> {
  await director.perform({ type: 'cut', from: 'a', to: 'd' });
  const matches = () =>
    serverAt(director.frame, 'a').followers.map(({ id, matchIndex }) => `${id} ${matchIndex}`);
  const isCounted = () => matches().includes('b 2') && matches().includes('c 2');
  while (!isCounted()) {
    await director.until('c’s answer, or entry 3 on its way', (frame) => {
      return isCounted() || carriersOf(frame, 3).length > 0;
    });
    for (const { number } of carriersOf(director.frame, 3)) {
      await director.perform({ type: 'drop', flight: number });
    }
  }
  expectSame('what a knows of its followers', matches().join(', '), 'b 2, c 2, d 0, e 0');
  expectLogs(director.frame, { a: '1 2 4', b: '1 2', c: '1 2' });
  const withheld = lastOf(director.happenings, 'withheldCommit')?.entry;
  expectSame(
    'which commit is withheld',
    withheld ? `${withheld.index}/t${withheld.term}` : '–',
    '2/t2',
  );
  expectCommit(director.frame, 'a', 1);
  expectValue(director.frame, 'a', 'x', null);
  director.say(
    'On a majority, and not committed',
    'a knows that x = 1 is on three of five disks: its own, b’s and c’s. But the entry is of term 2, and ' +
      'a leads term 4: it does not count copies of older entries (§5.4.2). Its commit index stays 1.',
    'a',
  );
}

async function overwrite(director: Director): Promise<void> {
  await director.perform({ type: 'crash', server: 'a' });
  await director.perform({ type: 'restart', server: 'e' });
  director.say(
    '(d) a crashes, e returns',
    'a’s entry 3 has never left it. Of those that run, e’s log ends in term 3, b’s and c’s in term 2, ' +
      'd’s in term 1.',
    'e',
  );
  await campaign(director, 'e', 5, ['b', 'c', 'd']);
  director.say(
    'e leads term 5',
    'b, c and d vote for e: its last entry is of a newer term than theirs. On how many disks x = 1 is ' +
      'plays no part in an election (§5.4.1).',
    'e',
  );
  const hasCommitted = (frame: Frame) => commitIndexOf(serverAt(frame, 'e')) === 3;
  await director.until('e has committed', hasCommitted);
  const holders = director.frame.servers.filter((server) => termsOf(server).startsWith('1 2'));
  expectSame('who still holds x = 1', holders.map(({ id }) => id).join(' '), 'a');
  director.say(
    'x = 1 is overwritten',
    'e has brought the others to its log. x = 1 was on a majority and is gone from b and c. Had a called ' +
      'it committed in term 4, a promise would now be broken.',
    'e',
  );
  await bringTogether(director);
  director.say(
    'Nothing was promised',
    'a has given up its entries 2 and 3 as well. Nobody was ever told that x = 1 was written: that is ' +
      'what the rule of §5.4.2 is for.',
  );
}

async function commit(director: Director): Promise<void> {
  await director.until('a has committed', (frame) => commitIndexOf(serverAt(frame, 'a')) > 1);
  expectCommit(director.frame, 'a', 3);
  expectLogs(director.frame, { a: '1 2 4', b: '1 2 4', c: '1 2 4', d: '1', e: '1 3' });
  director.say(
    '(e) An entry of term 4 on a majority',
    'a has sent entry 3 again, and b and c have it. It is of a’s own term and on three of five: ' +
      'committed, and everything before it too. Only now is x = 1 applied.',
    'a',
  );
}

async function failToOverwrite(director: Director): Promise<ServerId> {
  await director.until('a has applied x = 1', (frame) => serverAt(frame, 'a').appliedIndex === 3);
  expectValue(director.frame, 'a', 'x', '1');
  await director.perform({ type: 'crash', server: 'a' });
  await director.perform({ type: 'restart', server: 'e' });
  director.say(
    'a crashes, e returns',
    'As in (d), e will ask for votes. But now the logs of b and c end in term 4, e’s still in term 3.',
    'e',
  );
  // What e hears the first time is only that term 4 has been.
  for (const term of [3, 4]) {
    await beFree(director);
    expectSame('the term of e', serverAt(director.frame, 'e').currentTerm, term);
    await director.perform({ type: 'timeOut', server: 'e' });
    await director.until('all answers are there', ({ flights }) => flights.length === 0);
  }
  expectRole(director.frame, 'e', 'candidate', 4);
  expectSame('the votes for e', votesOf(serverAt(director.frame, 'e')).join(' '), 'd e');
  const because = 'log-behind: 3/t4, candidate 2/t3';
  for (const voter of ['b', 'c']) {
    expectRefusal(director.happenings, { voter, candidate: 'e', because });
  }
  director.say(
    'b and c refuse',
    'e has asked again, and only d would vote for it. b and c have entry 3 of term 4, and e’s last entry ' +
      'is of term 3: their logs are newer (§5.4.1). Without them there is no majority.',
    'e',
  );
  await director.until('another leader', (frame) => newestLeaderOf(frame) !== null);
  const { id, currentTerm } = leaderIn(director.frame);
  expectSame('whether b or c leads', id === 'b' || id === 'c', true);
  director.say(
    `${id} leads term ${currentTerm}`,
    `Only a log that ends in term 4 can win now, and any such log holds x = 1. ${id} has one, and the votes ` +
      'of a majority.',
    id,
  );
  return id;
}

/** a returns, and nothing is cut any more. */
async function bringTogether(director: Director): Promise<void> {
  await director.perform({ type: 'restart', server: 'a' });
  await director.perform({ type: 'heal' });
  await director.until('all run', ({ servers }) => servers.every(({ state }) => state !== null));
  await director.until('everybody agrees', isSettled);
}

/** Its timer runs out until it leads: what it hears first may be that its term is an old one. */
async function campaign(
  director: Director,
  id: ServerId,
  term: number,
  voters: readonly ServerId[],
): Promise<void> {
  const isLeading = (frame: Frame) => serverAt(frame, id).role === 'leader';
  while (!isLeading(director.frame)) {
    await beFree(director);
    await director.perform({ type: 'timeOut', server: id });
    await director.until(`an end of ${id}’s campaign`, (frame) => {
      return isLeading(frame) || serverAt(frame, id).role === 'follower';
    });
  }
  expectRole(director.frame, id, 'leader', term);
  for (const voter of voters) expectVote(director.frame, voter, id);
}

/** Until nobody hears from a leader any more: votes are withheld before (thesis §4.2.3). */
async function beFree(director: Director): Promise<void> {
  await director.until('nobody hears from a leader', ({ servers, flights }) => {
    const isStarting = servers.some(({ condition, state }) => {
      return condition === 'running' && state === null;
    });
    return flights.length === 0 && !isStarting && !servers.some(withholdsVotes);
  });
}
