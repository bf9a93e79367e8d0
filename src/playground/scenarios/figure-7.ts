/** Figure 7: whatever its followers’ logs hold, a new leader brings them to its own (§5.3). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Scenario, ScenarioRun } from './scenario-run.ts';

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
const REPAIRS: Readonly<Record<ServerId, readonly [title: string, text: string]>> = {
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

  async play(run) {
    await elect(run);
    await compare(run);
    await repair(run);
    run.expectAgreement(LEADER, { term: 8, log: ONE_LOG });
  },
};

async function elect(run: ScenarioRun): Promise<void> {
  for (const [id, log] of Object.entries(LOGS)) run.expectServer(id, { log: log.join(' ') });
  run.say('Seven logs', LEADER)`
    a to f have the logs of Figure 7: a and b lack entries, c and d have extra ones, e and f both.
    Crashes and short leaderships leave such logs. g is the figure’s “leader for term 8”.`;
  await run.perform({ type: 'timeOut', server: LEADER });
  await run.until('g leads', () => run.server(LEADER).role === 'leader');
  run.expectServer(LEADER, { role: 'leader', term: 8 });
  run.expectRefusal('c', LEADER, 'log-behind: 11/t6, candidate 10/t6');
  run.expectRefusal('d', LEADER, 'log-behind: 12/t7, candidate 10/t6');
  for (const voter of ['c', 'd']) run.expectServer(voter, { vote: null });
  run.say('g is elected', LEADER)`
    g’s log ends with entry 10, of term 6. For a, b, e and f that is at least as up to date as theirs:
    with g’s own vote five of seven. c and d refuse, since their logs end later (§5.4.1).`;
}

async function compare(run: ScenarioRun): Promise<void> {
  const nextIndexes = () => run.server(LEADER).followers.map(({ nextIndex }) => nextIndex);
  run.expect('nextIndex for all six', nextIndexes().join(' '), '11 11 11 11 11 11');
  await run.until('a first answer', () => nextIndexes().some((index) => index !== 11));
  run.say('Where do the logs agree?', LEADER)`
    g appends entry 11, of term 8, and never changes what is before it. For each follower it keeps a
    nextIndex, 11 at first, and asks whether the entry before that is the same there (§5.3).`;
}

async function repair(run: ScenarioRun): Promise<void> {
  const waiting = new Set(Object.keys(LOGS));
  const repaired = () => [...waiting].find((id) => run.log(id) === ONE_LOG);
  while (waiting.size > 0) {
    await run.until('one more log is the leader’s', () => repaired() !== undefined);
    const id = repaired()!;
    waiting.delete(id);
    const [title, text] = REPAIRS[id]!;
    run.say(title, id)`${text}`;
  }
  await run.until('everybody has applied everything', run.isSettled);
  run.say('Seven equal logs', LEADER)`
    Entry 11 is of g’s own term and on a majority: it is committed, and all before it too. How the logs
    came to differ does not matter: g found where each agrees, and sent its own from there on.`;
}
