/**
 * Figure 8: why a leader counts copies only of entries of its own term (§5.4.2). One run with two
 * endings: the old entry is overwritten, as in (d), or committed along with a newer one, as in (e).
 * The paper’s S1 to S5 are a to e.
 */
import type { ServerId } from '../../../machines/rules/entries.ts';
import { type KeyValueCommand, keyValue } from '../../kv/index.ts';
import type { Beginning } from '../world.ts';
import type { Scenario, ScenarioRun } from './scenario-run.ts';

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
  // Nobody campaigns unless its timer is made to run out.
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
  async play(run) {
    await throughC(run);
    await overwrite(run);
    run.expectAgreement('e', { term: 5, log: '1 3 5', values: { x: null } });
  },
};

export const figure8Committed: Scenario = {
  id: 'figure-8-committed',
  title: 'Figure 8: what commits it after all',
  about:
    'The same story with its other ending, (e): an entry of the leader’s own term on a majority commits ' +
    'everything before it. S1 to S5 are a to e here.',
  begin,
  async play(run) {
    await throughC(run);
    await commit(run);
    const successor = await failToOverwrite(run);
    await bringTogether(run);
    run.say('x = 1 stays', 'e')`
      e’s entry 2 was on one disk only and has been replaced. New leaders append an empty entry at once
      (§8): so nothing of older terms has to wait for the next client.`;
    run.expectAgreement(successor, { term: 5, log: '1 2 4 5', values: { x: '1' } });
  },
};

async function throughC(run: ScenarioRun): Promise<void> {
  run.say('(a) Term 2', 'a')`
    a has led term 2. A client’s x = 1 became its entry 2, and only b got a copy: two of five, not
    committed. Everybody has just restarted, and now a crashes.`;
  await run.perform({ type: 'crash', server: 'a' });
  await campaign(run, 'e', 3, ['c', 'd']);
  await run.until('entry 2 is on e’s disk', () => run.server('e').disk.lastIndex === 2);
  run.expectServer('e', { log: '1 3' });
  run.expectRefusal('b', 'e', 'log-behind: 2/t2, candidate 1/t1');
  run.say('(b) Term 3', 'e')`
    c and d vote for e: all three logs end with entry 1. b refuses, since its log ends in term 2
    (§5.4.1). As a new leader e appends an entry 2 of its own, of term 3.`;
  await run.perform({ type: 'crash', server: 'e' });
  for (const id of ['c', 'd']) run.expectServer(id, { log: '1' });
  run.say('e crashes at once', 'e')`
    Its entry 2 is on its own disk and nowhere else. There are now two different entries 2: x = 1 of
    term 2 on a and b, and one of term 3 on e.`;
  await run.perform({ type: 'restart', server: 'a' });
  await campaign(run, 'a', 4, ['b', 'c', 'd']);
  run.say('(c) Term 4', 'a')`
    a is back, elected by b, c and d. It sends x = 1, then its own entry 3. The link from a to d is cut
    now, and entry 3 is dropped on its way: x = 1 arrives only at c.`;
  await copyToC(run);
}

/** Entry 2 gets to c, and entry 3 to nobody. */
async function copyToC(run: ScenarioRun): Promise<void> {
  await run.perform({ type: 'cut', from: 'a', to: 'd' });
  const matches = () =>
    run.server('a').followers.map(({ id, matchIndex }) => `${id} ${matchIndex}`);
  const isCounted = () => matches().includes('b 2') && matches().includes('c 2');
  while (!isCounted()) {
    await run.until('c’s answer, or entry 3 on its way', () => {
      return isCounted() || run.carriers(3).length > 0;
    });
    for (const { number: flight } of run.carriers(3)) await run.perform({ type: 'drop', flight });
  }
  run.expect('what a knows of its followers', matches().join(', '), 'b 2, c 2, d 0, e 0');
  run.expectServer('a', { log: '1 2 4', commitIndex: 1, values: { x: null } });
  for (const id of ['b', 'c']) run.expectServer(id, { log: '1 2' });
  const withheld = run.last('withheldCommit')?.entry;
  run.expect('which commit is withheld', `${withheld?.index}/t${withheld?.term}`, '2/t2');
  run.say('On a majority, and not committed', 'a')`
    a knows that x = 1 is on three of five disks: its own, b’s and c’s. But the entry is of term 2, and
    a leads term 4: it does not count copies of older entries (§5.4.2). Its commit index stays 1.`;
}

async function overwrite(run: ScenarioRun): Promise<void> {
  await run.perform({ type: 'crash', server: 'a' }, { type: 'restart', server: 'e' });
  run.say('(d) a crashes, e returns', 'e')`
    a’s entry 3 has never left it. Of those that run, e’s log ends in term 3, b’s and c’s in term 2, d’s
    in term 1.`;
  await campaign(run, 'e', 5, ['b', 'c', 'd']);
  run.say('e leads term 5', 'e')`
    b, c and d vote for e: its last entry is of a newer term than theirs. On how many disks x = 1 is
    plays no part in an election (§5.4.1).`;
  await run.until('e has committed', () => run.commitIndex('e') === 3);
  const holders = run.servers.filter(({ id }) => run.log(id).startsWith('1 2'));
  run.expect('who still holds x = 1', holders.map(({ id }) => id).join(' '), 'a');
  run.say('x = 1 is overwritten', 'e')`
    e has brought the others to its log. x = 1 was on a majority and is gone from b and c. Had a called
    it committed in term 4, a promise would now be broken.`;
  await bringTogether(run);
  run.say('Nothing was promised')`
    a has given up its entries 2 and 3 as well. Nobody was ever told that x = 1 was written: that is
    what the rule of §5.4.2 is for.`;
}

async function commit(run: ScenarioRun): Promise<void> {
  await run.until('a has committed', () => run.commitIndex('a') > 1);
  const logs = { a: '1 2 4', b: '1 2 4', c: '1 2 4', d: '1', e: '1 3' };
  for (const [id, log] of Object.entries(logs)) run.expectServer(id, { log });
  run.expectServer('a', { commitIndex: 3 });
  run.say('(e) An entry of term 4 on a majority', 'a')`
    a has sent entry 3 again, and b and c have it. It is of a’s own term and on three of five:
    committed, and everything before it too. Only now is x = 1 applied.`;
}

async function failToOverwrite(run: ScenarioRun): Promise<ServerId> {
  await run.until('a has applied x = 1', () => run.server('a').appliedIndex === 3);
  run.expectServer('a', { values: { x: '1' } });
  await run.perform({ type: 'crash', server: 'a' });
  await run.until('e will hear nothing of a’s any more', () => run.frame.flights.length === 0);
  await run.perform({ type: 'restart', server: 'e' });
  run.say('a crashes, e returns', 'e')`
    As in (d), e will ask for votes. But now the logs of b and c end in term 4, e’s still in term 3.`;
  // What e hears the first time is only that term 4 has been.
  for (const term of [3, 4]) {
    await noLeaderHeard(run);
    run.expectServer('e', { term });
    await run.perform({ type: 'timeOut', server: 'e' });
    await run.until('all answers are there', () => run.frame.flights.length === 0);
  }
  run.expectServer('e', { role: 'candidate', term: 4 });
  run.expect('the votes for e', run.votes('e').join(' '), 'd e');
  for (const voter of ['b', 'c']) {
    run.expectRefusal(voter, 'e', 'log-behind: 3/t4, candidate 2/t3');
  }
  run.say('b and c refuse', 'e')`
    e has asked again, and only d would vote for it. b and c have entry 3 of term 4, and e’s last entry
    is of term 3: their logs are newer (§5.4.1). Without them there is no majority.`;
  await run.until('another leader', () => run.leaders.length > 0);
  const { id, currentTerm } = run.leader;
  run.expect('whether b or c leads', id === 'b' || id === 'c', true);
  run.say(`${id} leads term ${currentTerm}`, id)`
    Only a log that ends in term 4 can win now, and any such log holds x = 1. ${id} has one, and the
    votes of a majority.`;
  return id;
}

/** a returns, and nothing is cut any more. */
async function bringTogether(run: ScenarioRun): Promise<void> {
  await run.perform({ type: 'restart', server: 'a' }, { type: 'heal' });
  await run.until('all run', () => run.servers.every(({ state }) => state !== null));
  await run.until('everybody agrees', run.isSettled);
}

/** Its timer runs out until it leads: what it hears first may be that its term is an old one. */
async function campaign(
  run: ScenarioRun,
  id: ServerId,
  term: number,
  voters: readonly ServerId[],
): Promise<void> {
  const role = () => run.server(id).role;
  while (role() !== 'leader') {
    await noLeaderHeard(run);
    await run.perform({ type: 'timeOut', server: id });
    await run.until(`an end of ${id}’s campaign`, () => role() !== 'candidate');
  }
  run.expectServer(id, { role: 'leader', term });
  for (const voter of voters) run.expectServer(voter, { vote: id });
}

/** Until nobody hears from a leader any more: votes are withheld before (thesis §4.2.3). */
async function noLeaderHeard(run: ScenarioRun): Promise<void> {
  await run.until('nobody hears from a leader', () => {
    const isQuiet = run.servers.every(({ condition, state }) => {
      return state === null ? condition !== 'running' : state.heardLeader === null;
    });
    return isQuiet && run.frame.flights.length === 0;
  });
}
