/** Two candidates at once, and why that does not last (§5.2). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import { inWords, type Scenario, type ScenarioRun, serverIdsOf } from './scenario-run.ts';

const SERVERS = 4;
/** A pre-vote and a vote, both there and back. */
const ELECTION_MS = 120;

export const splitVote: Scenario = {
  id: 'split-vote',
  title: 'Split vote',
  about:
    'Two of four servers become candidates at almost the same moment, and each gets half of the ' +
    'votes. Chance has made the tie, and chance resolves it.',
  // With this seed two timers run out so close together; nothing else is done.
  begin: { seed: 175, servers: SERVERS },

  async play(run) {
    run.say('Four servers')`
      A majority of four is three. Nothing is done to this cluster: its election timers are drawn by
      chance, and with this seed two of them run out almost together.`;
    const rivals = await campaign(run);
    await tie(run, rivals);
    drawAgain(run);
    const winner = await resolve(run, rivals);
    run.expectAgreement(winner, { term: 2, log: '2' });
  },
};

function candidates({ servers }: ScenarioRun, term: number): readonly ServerId[] {
  return serverIdsOf(
    servers.filter(({ role, currentTerm }) => role === 'candidate' && currentTerm === term),
  );
}

async function campaign(run: ScenarioRun): Promise<readonly ServerId[]> {
  await run.until('two candidates', () => candidates(run, 0).length === 2);
  const rivals = candidates(run, 0);
  run.say('Two at once')`
    The timers of ${inWords(rivals)} ran out so close together that neither has heard of the other. Both
    ask who would vote for them. That promises nothing, so both may be told yes (thesis §9.6).`;
  await run.until('two campaigns', () => candidates(run, 1).length === 2);
  run.expect('who campaigns in term 1', inWords(candidates(run, 1)), inWords(rivals));
  run.say('Both campaign in term 1')`
    ${inWords(rivals)} have raised their term to 1 and voted for themselves. Two votes are left, and
    each goes to whoever asks first (§5.2).`;
  return rivals;
}

async function tie(run: ScenarioRun, rivals: readonly ServerId[]): Promise<void> {
  await run.until('a tie', () => rivals.every((id) => run.votes(id).length === SERVERS / 2));
  run.expect('who has campaigned', inWords(run.campaigners), inWords(rivals));
  for (const id of rivals) run.expectServer(id, { role: 'candidate', term: 1 });
  const [one, other] = rivals as [ServerId, ServerId];
  run.say('Two votes each')`
    ${one} has the votes of ${inWords(run.votes(one))}, ${other} those of ${inWords(run.votes(other))}.
    A server votes once in a term, so nobody can reach three any more. Term 1 will have no leader: that
    is safe, and costs only time.`;
  await run.until('all answers are there', () => run.frame.flights.length === 0);
  for (const { id, votedFor } of run.servers) {
    run.expectRefusal(id, votedFor === one ? other : one, 'already-voted');
  }
}

function drawAgain(run: ScenarioRun): void {
  const waits = run.servers
    .map(({ id }) => ({ id, dueAtMs: run.timer(id).dueAtMs }))
    .sort((a, b) => a.dueAtMs - b.dueAtMs);
  const [soonest, next] = waits as [(typeof waits)[0], (typeof waits)[0]];
  const apartMs = Math.round(next.dueAtMs - soonest.dueAtMs);
  run.expect('whether there is time for an election', apartMs > ELECTION_MS, true);
  run.say('Chance again', soonest.id)`
    All four have drawn new timeouts between 300 and 600 ms. ${soonest.id}’s ends first, ${apartMs} ms
    before ${next.id}’s. An election takes about ${ELECTION_MS} ms here, so this time there is room for
    one.`;
}

async function resolve(run: ScenarioRun, rivals: readonly ServerId[]): Promise<ServerId> {
  await run.until('a campaign in term 2', () => candidates(run, 2).length > 0);
  const id = candidates(run, 2)[0]!;
  run.expect('whether it has campaigned before', rivals.includes(id), false);
  run.say('A new term, new votes', id)`
    ${id} raises its term to 2 and asks. What was voted in term 1 binds nobody in term 2: even
    ${inWords(rivals)}, who voted for themselves then, may vote for ${id}.`;
  await run.until('a leader', () => run.server(id).role === 'leader');
  run.say(`${id} leads term 2`, id)`
    It has three votes, and had no rival. Timeouts drawn anew each time make ties rare, and two in a row
    rarer still (§9.3).`;
  await run.until('everybody follows', run.isSettled);
  run.say('One log')`
    All four have applied ${id}’s first entry, which is of term 2. Term 1 has left nothing in any log.`;
  return id;
}
