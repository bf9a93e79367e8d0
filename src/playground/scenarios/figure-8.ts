/**
 * Figure 8: why a leader counts copies only of entries of its own term (§5.4.2). Two endings of one
 * story: the old entry is overwritten (d), or committed along with a newer one (e). The paper’s S1
 * to S5 are a to e.
 */
import { type KeyValueCommand, keyValue } from '#kv/index';
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import { claim, claimAgreement, claimCommit, claimLog, claimRole, claimValue } from './claims.ts';
import {
  carriersOf,
  commitIndexOf,
  hearsFromLeader,
  isSettled,
  leaderIn,
  leaderOf,
  serverAt,
  termsOf,
} from './look.ts';
import type { Beginning, Director, Scenario } from './scenario.ts';

const X_IS_1: KeyValueCommand = { type: 'put', key: 'x', value: '1' };
const EMPTY = { term: 1, time: 0, type: 'empty', bytes: new Uint8Array(0) } as const;
const PUT = {
  term: 2,
  time: 0,
  type: 'command',
  bytes: keyValue().commands!.encode(X_IS_1),
} as const;

/** As in (a): a has led term 2, and only b has a copy of its entry. */
const begin: Beginning = {
  seed: 1,
  servers: 5,
  disks: {
    a: { term: 2, votedFor: 'a', log: [EMPTY, PUT], commitIndex: 1 },
    b: { term: 2, votedFor: 'a', log: [EMPTY, PUT], commitIndex: 1 },
    c: { term: 2, votedFor: 'a', log: [EMPTY], commitIndex: 1 },
    d: { term: 2, votedFor: null, log: [EMPTY], commitIndex: 1 },
    e: { term: 2, votedFor: null, log: [EMPTY], commitIndex: 1 },
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
    'Why a leader does not commit an entry of an older term by counting its copies: (a) to (d) of ' +
    'Figure 8. The paper’s S1 to S5 are a to e.',
  begin,
  async tell(director) {
    await throughC(director);
    await overwrite(director);
    claimAgreement(director.frame, '1 3 5', { x: null });
    claimRole(director.frame, 'e', 'leader', 5);
  },
};

export const figure8Committed: Scenario = {
  id: 'figure-8-committed',
  title: 'Figure 8: what commits it after all',
  about:
    'The same story with its other ending, (e): an entry of the leader’s own term on a majority ' +
    'commits everything before it. The paper’s S1 to S5 are a to e.',
  begin,
  async tell(director) {
    await throughC(director);
    await commit(director);
    const terms = termsOf(leaderIn(director.frame));
    claim('how the log begins', terms.slice(0, 5), '1 2 4');
    claimAgreement(director.frame, terms, { x: '1' });
  },
};

async function throughC(director: Director): Promise<void> {
  director.say(
    '(a) Term 2',
    'a has led term 2. A client’s x = 1 became its entry 2, and only b got a copy: two of five, not ' +
      'committed. Everybody has just restarted, and now a crashes.',
  );
  await director.perform({ type: 'crash', server: 'a' });
  await campaign(director, 'e', 3);
  await director.until('entry 2 is on e’s disk', (frame) => {
    return serverAt(frame, 'e').disk.lastIndex === 2;
  });
  claimLog(director.frame, 'e', '1 3');
  director.say(
    '(b) Term 3',
    'e is elected by c, d and itself, whose logs all end with entry 1. b refuses: its own log is ' +
      'newer (§5.4.1). e appends an entry 2 of its own, of term 3.',
  );
  await director.perform({ type: 'crash', server: 'e' });
  for (const id of ['c', 'd']) claimLog(director.frame, id, '1');
  director.say(
    'e crashes at once',
    'Its entry 2 is on its own disk and nowhere else. Now there are two different entries 2: x = 1 ' +
      'of term 2 on a and b, and the one of term 3 on e.',
  );
  await director.perform({ type: 'restart', server: 'a' });
  await campaign(director, 'a', 4);
  director.say(
    '(c) Term 4',
    'a is back and leads again, elected by b, c and d in term 4. It goes on where it was: c is to ' +
      'get x = 1 of term 2. a’s first entry of term 4 waits behind it.',
  );
  await copyToC(director);
}

async function copyToC(director: Director): Promise<void> {
  await director.perform({ type: 'cut', from: 'a', to: 'd' });
  const matches = (frame: Frame) =>
    serverAt(frame, 'a').followers.map(({ id, matchIndex }) => `${id} ${matchIndex}`);
  const isCounted = (frame: Frame) =>
    matches(frame).includes('b 2') && matches(frame).includes('c 2');
  while (!isCounted(director.frame)) {
    await director.until('c’s answer, or entry 3 on its way', (frame) => {
      return isCounted(frame) || carriersOf(frame, 3).length > 0;
    });
    for (const { number } of carriersOf(director.frame, 3)) {
      await director.perform({ type: 'drop', flight: number });
    }
  }
  const { frame } = director;
  claim('what a knows of its followers', matches(frame).join(', '), 'b 2, c 2, d 0, e 0');
  claimLog(frame, 'a', '1 2 4');
  for (const id of ['b', 'c']) claimLog(frame, id, '1 2');
  claimCommit(frame, 'a', 1);
  claimValue(frame, 'a', 'x', null);
  director.say(
    'On a majority, and not committed',
    'a knows that x = 1 is on three of five disks: its own, b’s and c’s. But the entry is of term 2 ' +
      'and a leads term 4: it does not count copies of older entries (§5.4.2). Its commit index stays 1.',
  );
}

async function overwrite(director: Director): Promise<void> {
  await director.perform({ type: 'crash', server: 'a' });
  await director.perform({ type: 'restart', server: 'e' });
  director.say(
    '(d) a crashes, e returns',
    'Entry 3 of term 4 never left a. e’s log ends in term 3, those of b and c in term 2, d’s in ' +
      'term 1: whoever compares finds e’s log newer.',
  );
  await campaign(director, 'e', 5);
  director.say(
    'e leads term 5',
    'b, c and d vote for e. The longer copy count of x = 1 does not matter in an election; only the ' +
      'last entry’s term and index do (§5.4.1).',
  );
  const isReplaced = (frame: Frame) => commitIndexOf(serverAt(frame, 'e')) === 3;
  await director.until('e has committed', isReplaced);
  for (const id of ['b', 'c'])
    claim(`entry 2 of ${id}`, termsOf(serverAt(director.frame, id)).slice(0, 3), '1 3');
  director.say(
    'x = 1 is overwritten',
    'e brings the others to its log, and x = 1 is gone from b and c, though it was on a majority. ' +
      'Had a called it committed in term 4, a promise would be broken now.',
  );
  await director.perform({ type: 'restart', server: 'a' });
  await director.perform({ type: 'heal' });
  await director.until('a has caught up', (frame) => termsOf(serverAt(frame, 'a')) === '1 3 5');
  await director.until('everybody agrees', isSettled);
  director.say(
    'Nothing was promised',
    'a returns and gives up its entries 2 and 3 as well. Nobody had been told that x = 1 was written: ' +
      'that is what the rule of §5.4.2 is for.',
  );
}

async function commit(director: Director): Promise<void> {
  await director.until('a has committed', (frame) => commitIndexOf(serverAt(frame, 'a')) > 1);
  const { frame } = director;
  claimCommit(frame, 'a', 3);
  for (const id of ['a', 'b', 'c']) claimLog(frame, id, '1 2 4');
  for (const id of ['d', 'e'])
    claim(
      `whether ${id} has entry 2 of term 2`,
      termsOf(serverAt(frame, id)).startsWith('1 2'),
      false,
    );
  director.say(
    '(e) An entry of term 4 on a majority',
    'a sends entry 3 again, and now b and c store it. It is of a’s own term and on three of five: ' +
      'committed, and with it everything before it. Only now x = 1 is applied.',
  );
  await director.perform({ type: 'crash', server: 'a' });
  await director.perform({ type: 'restart', server: 'e' });
  await director.until('e runs', (frame) => serverAt(frame, 'e').state !== null);
  await beFree(director);
  await director.perform({ type: 'timeOut', server: 'e' });
  director.say(
    'a crashes, e returns',
    'e asks for votes, as in (d). But now the logs of b and c end in term 4, and e’s in term 3.',
  );
  await refuse(director);
}

async function refuse(director: Director): Promise<void> {
  await director.until('another leader', (frame) => leaderOf(frame) !== null);
  const { id } = leaderIn(director.frame);
  claim('whether b or c leads', ['b', 'c'].includes(id), true);
  director.say(
    `${id} leads instead`,
    `b and c refuse e, and without them there is no majority. Only a log that ends in term 4 can win, so ${id} does, and ` +
      'x = 1 is in its log.',
  );
  await director.perform({ type: 'restart', server: 'a' });
  await director.perform({ type: 'heal' });
  await director.until('a runs', (frame) => serverAt(frame, 'a').state !== null);
  await director.until('everybody agrees', isSettled);
  director.say(
    'x = 1 stays',
    'e’s entry 2 of term 3 was on one disk only and is replaced. Our leaders append an empty entry ' +
      'as soon as they are elected, so that old entries do not wait for a client (§8).',
  );
}

/** Its timer runs out until it leads that term: what it hears first may be that its term is old. */
async function campaign(director: Director, id: ServerId, term: number): Promise<void> {
  const isLeading = (frame: Frame) => serverAt(frame, id).role === 'leader';
  while (!isLeading(director.frame)) {
    await director.until(`${id} runs`, (frame) => serverAt(frame, id).state !== null);
    await beFree(director);
    await director.perform({ type: 'timeOut', server: id });
    await director.until(`an end of ${id}’s campaign`, (frame) => {
      return isLeading(frame) || serverAt(frame, id).role === 'follower';
    });
  }
  claimRole(director.frame, id, 'leader', term);
}

/** Until nobody hears from a leader any more: votes are withheld before (thesis §4.2.3). */
async function beFree(director: Director): Promise<void> {
  await director.until('nobody hears from a leader', ({ servers, flights }) => {
    return flights.length === 0 && !servers.some(hearsFromLeader);
  });
}
