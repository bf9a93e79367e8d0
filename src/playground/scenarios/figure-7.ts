/** Figure 7: whatever its followers’ logs hold, a new leader brings them to its own (§5.3). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Frame } from '../frame.ts';
import {
  expectAgreement,
  expectLog,
  expectRefusal,
  expectRole,
  expectSame,
  expectVote,
} from './assertions.ts';
import { isSettled, serverAt, termsOf } from './queries.ts';
import type { Director, Scenario } from './scenario.ts';

const LEADER = 'g';
const LEADERS_LOG = [1, 1, 1, 4, 4, 5, 5, 6, 6, 6];
/** As the paper draws them. */
const LOGS: Readonly<Record<ServerId, readonly number[]>> = {
  a: [1, 1, 1, 4, 4, 5, 5, 6, 6],
  b: [1, 1, 1, 4],
  c: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 6],
  d: [1, 1, 1, 4, 4, 5, 5, 6, 6, 6, 7, 7],
  e: [1, 1, 1, 4, 4, 4, 4],
  f: [1, 1, 1, 2, 2, 2, 3, 3, 3, 3, 3],
};
const ONE_LOG = '1 1 1 4 4 5 5 6 6 6 8';

/** Said when that follower’s log has become the leader’s. */
const TOLD: Readonly<Record<ServerId, readonly [title: string, text: string]>> = {
  a: [
    'a lacked one entry',
    'a’s log ended with entry 9, so it did not have the entry 10 it was asked about. Told so, g sent ' +
      'entries 10 and 11.',
  ],
  b: [
    'b lacked six entries',
    'b’s log ended with entry 4; perhaps b was down for a while. Its refusal says where it ends, so g ' +
      'goes back there at once and not one entry at a time (§5.3).',
  ],
  c: [
    'c had an entry too many',
    'c agreed through entry 10. Its entry 11 is of term 6, from a leader that never committed it; g’s ' +
      'is of term 8. Two terms at one index conflict, and c’s entry goes.',
  ],
  d: [
    'd had two entries too many',
    'd had led term 7, and its entries 11 and 12 reached nobody. The first conflicts with g’s entry 11: ' +
      'it is removed, and what follows it too.',
  ],
  e: [
    'e lacked entries and had others',
    'e’s entries 6 and 7 are of term 4, g’s of term 5. The logs agree through entry 5; what follows is ' +
      'replaced by g’s.',
  ],
  f: [
    'f had led terms 2 and 3',
    'f’s entries 4 to 11 are of terms 2 and 3, and none was ever committed. The logs agree through ' +
      'entry 3; what follows is replaced by g’s.',
  ],
};

export const figure7: Scenario = {
  id: 'figure-7',
  title: 'Figure 7',
  about:
    'Six followers whose logs lack entries, have extra ones, or both: exactly those of Figure 7 in the ' +
    'paper. One leader brings them all to one log.',
  begin: {
    seed: 1,
    servers: 7,
    disks: {
      ...Object.fromEntries(Object.entries(LOGS).map(([id, log]) => [id, { log }])),
      [LEADER]: { term: 7, log: LEADERS_LOG },
    },
  },

  async play(director) {
    await elect(director);
    await compare(director);
    await repair(director);
    expectAgreement(director.frame, ONE_LOG, {});
    for (const { id } of director.frame.servers) {
      expectRole(director.frame, id, id === LEADER ? 'leader' : 'follower', 8);
    }
  },
};

async function elect(director: Director): Promise<void> {
  for (const [id, log] of Object.entries(LOGS)) expectLog(director.frame, id, log.join(' '));
  director.say(
    'Seven logs',
    'a to f have the logs of Figure 7: a and b lack entries, c and d have extra ones, e and f both. ' +
      'Crashes and short leaderships leave such logs. g is the figure’s “leader for term 8”.',
    LEADER,
  );
  await director.perform({ type: 'timeOut', server: LEADER });
  await director.until('g leads', (frame) => serverAt(frame, LEADER).role === 'leader');
  expectRole(director.frame, LEADER, 'leader', 8);
  const because = {
    c: 'log-behind: 11/t6, candidate 10/t6',
    d: 'log-behind: 12/t7, candidate 10/t6',
  };
  for (const voter of ['c', 'd'] as const) {
    expectVote(director.frame, voter, null);
    const refusal = { voter, candidate: LEADER, because: because[voter] };
    expectRefusal(director.happenings, refusal);
  }
  director.say(
    'g is elected',
    'g’s log ends with entry 10, of term 6. For a, b, e and f that is at least as up to date as theirs: ' +
      'with g’s own vote five of seven. c and d refuse, since their logs end later (§5.4.1).',
    LEADER,
  );
}

async function compare(director: Director): Promise<void> {
  const nextIndexes = () =>
    serverAt(director.frame, LEADER).followers.map(({ nextIndex }) => nextIndex);
  expectSame('nextIndex for all six', nextIndexes().join(' '), '11 11 11 11 11 11');
  await director.until('a first answer', () => nextIndexes().some((index) => index !== 11));
  director.say(
    'Where do the logs agree?',
    'g appends entry 11, of term 8, and never changes what is before it. For each follower it keeps a ' +
      'nextIndex, 11 at first, and asks whether the entry before that is the same there (§5.3).',
    LEADER,
  );
}

async function repair(director: Director): Promise<void> {
  const waiting = new Set(Object.keys(LOGS));
  const repaired = ({ servers }: Frame) =>
    servers.find((server) => waiting.has(server.id) && termsOf(server) === ONE_LOG);
  while (waiting.size > 0) {
    await director.until('one more log is the leader’s', (frame) => repaired(frame) !== undefined);
    const { id } = repaired(director.frame)!;
    waiting.delete(id);
    director.say(...TOLD[id]!, id);
  }
  await director.until('everybody has applied everything', isSettled);
  director.say(
    'Seven equal logs',
    'Entry 11 is of g’s own term and on a majority: it is committed, and all before it too. How the ' +
      'logs came to differ nobody had to know: g found where each agrees, and sent its own from there on.',
    LEADER,
  );
}
