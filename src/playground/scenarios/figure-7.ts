/** Figure 7: whatever may be in its followers’ logs, a new leader brings them to its own (§5.3). */
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import { claim, claimAgreement, claimLog, claimRole } from './claims.ts';
import { commitIndexOf, isSettled, serverAt, termsOf } from './look.ts';
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

/** Said when that follower's log has become the leader's. */
const TOLD: Readonly<Record<ServerId, readonly [title: string, text: string]>> = {
  a: [
    'a lacked one entry',
    'a had the first nine. The leader asks about entry 10, a answers that its log ends at 9, and ' +
      'gets entries 10 and 11.',
  ],
  b: [
    'b lacked six',
    'b’s log ended at entry 4; perhaps it was down for a while. Its answer says so, and the leader ' +
      'goes back to there at once instead of one entry at a time (§5.3).',
  ],
  c: [
    'c had one too many',
    'c’s entry 11 was of term 6, from a leader that never committed it. The leader’s entry 11 is ' +
      'of term 8: two terms at one index conflict, so c’s goes.',
  ],
  d: [
    'd had two too many',
    'd led term 7 and appended entries 11 and 12 without reaching anybody. The leader’s entry 11 ' +
      'conflicts with the first, and it goes with everything after it.',
  ],
  e: [
    'e lacked some and had others',
    'e’s entries 6 and 7 are of term 4, the leader’s of term 5. They agree up to entry 5; what ' +
      'follows in e’s log is replaced by the leader’s.',
  ],
  f: [
    'f had led terms 2 and 3',
    'f’s entries 4 to 11 are of terms 2 and 3, all uncommitted. It agrees with the leader up to ' +
      'entry 3 only. Everything after that is replaced.',
  ],
};

export const figure7: Scenario = {
  id: 'figure-7',
  title: 'Figure 7',
  about:
    'Six followers whose logs lack entries, have extra ones, or both, exactly as in Figure 7 of the ' +
    'paper. One leader brings them all to one log.',
  begin: {
    seed: 1,
    servers: 7,
    disks: {
      ...Object.fromEntries(Object.entries(LOGS).map(([id, log]) => [id, { log }])),
      [LEADER]: { term: 7, log: LEADERS_LOG },
    },
  },

  async tell(director) {
    await elect(director);
    await compare(director);
    await repair(director);
    claimAgreement(director.frame, ONE_LOG, {});
    for (const { id } of director.frame.servers) {
      claimRole(director.frame, id, id === LEADER ? 'leader' : 'follower', 8);
    }
  },
};

async function elect(director: Director): Promise<void> {
  director.say(
    'Seven logs',
    'The logs of Figure 7: a and b lack entries, c and d have extra ones, e and f both. Such logs ' +
      'come of crashes and short leaderships. g is the paper’s “leader for term 8”.',
  );
  await director.until('all run', ({ servers }) => servers.every(({ state }) => state !== null));
  for (const [id, log] of Object.entries(LOGS)) claimLog(director.frame, id, log.join(' '));
  await director.perform({ type: 'timeOut', server: LEADER });
  await director.until('g leads', (frame) => serverAt(frame, LEADER).role === 'leader');
  claimRole(director.frame, LEADER, 'leader', 8);
  claim('how many have voted for c', votersOf(director.frame, 'c'), 0);
  director.say(
    'g is elected',
    'g’s log ends with entry 10 of term 6. For a, b, e and f that is at least as up to date as ' +
      'theirs, and they vote for g: with its own vote five of seven. c’s and d’s logs are newer (§5.4.1).',
  );
}

function votersOf({ servers }: Frame, id: ServerId): number {
  return servers.filter(({ votedFor }) => votedFor === id).length;
}

async function compare(director: Director): Promise<void> {
  const nextIndexes = () =>
    serverAt(director.frame, LEADER).followers.map((each) => each.nextIndex);
  claim('the nextIndex of all six', nextIndexes().join(' '), '11 11 11 11 11 11');
  await director.until('a first answer', () => nextIndexes().some((index) => index !== 11));
  for (const id of ['c', 'd'])
    claim(`whether ${id} voted`, serverAt(director.frame, id).votedFor === LEADER, false);
  director.say(
    'Where do the logs agree?',
    'g appends entry 11, of term 8, and never changes anything before it. For each follower it keeps ' +
      'a nextIndex, 11 at first, and asks whether the entry before that is the same there (§5.3).',
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
    director.say(...TOLD[id]!);
  }
  const hasCommitted = (frame: Frame) => commitIndexOf(serverAt(frame, LEADER)) === 11;
  await director.until('entry 11 is committed', hasCommitted);
  await director.until('everybody has applied it', isSettled);
  for (const { id } of director.frame.servers) claimLog(director.frame, id, ONE_LOG);
  director.say(
    'Seven equal logs',
    'Entry 11 is of the leader’s own term and on a majority: committed, and with it all before it. ' +
      'Nothing had to be known about how the logs came to differ; comparing one entry was enough.',
  );
}
