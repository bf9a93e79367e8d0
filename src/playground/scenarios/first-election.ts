/** How a cluster that has just started gets its first leader (§5.2; thesis §9.6). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import { inWords, type Scenario, type ScenarioRun, serverIdsOf } from './scenario-run.ts';

const SERVERS = 5;
const MAJORITY = 3;

export const firstElection: Scenario = {
  id: 'first-election',
  title: 'First election',
  about: 'Five servers start at once, and nobody leads. The first to lose patience will.',
  begin: { seed: 6, servers: SERVERS },

  async play(run) {
    run.say('Five followers')`
      Every server starts as a follower in term 0. The arc around each is its election timer, drawn by
      chance between 300 and 600 ms. Whoever hears of no leader until it runs out tries to become one
      (§5.2).`;
    const candidate = await losePatience(run);
    await ask(run, candidate);
    await win(run, candidate);
    await commit(run, candidate);
    run.expectAgreement(candidate, { term: 1, log: '1' });
  },
};

async function losePatience(run: ScenarioRun): Promise<ServerId> {
  const candidates = () => run.servers.filter(({ role }) => role === 'candidate');
  await run.until('a candidate', () => candidates().length > 0);
  run.expect('how many candidates there are', candidates().length, 1);
  const { id } = candidates()[0]!;
  run.expectServer(id, { term: 0 });
  run.say(`${id} has waited long enough`, id)`
    After ${Math.round(run.frame.atMs)} ms ${id} has heard of no leader. First it asks whether the
    others would vote for it: a pre-vote. That raises no term, and disturbs nobody if they would not
    (thesis §9.6).`;
  return id;
}

async function ask(run: ScenarioRun, candidate: ServerId): Promise<void> {
  await run.until('the vote', () => run.server(candidate).currentTerm === 1);
  const why = run.last('askedForVotes')?.why;
  const votes = why?.reason === 'pre-votes' ? why.votes : [];
  const willing = votes.filter((id) => id !== candidate).sort();
  run.expect('how many others would vote for it', willing.length, MAJORITY - 1);
  run.say('Now it counts', candidate)`
    ${inWords(willing)} would vote for ${candidate}; with itself that is a majority of five. So it
    raises its term to 1 and votes for itself. Once that is on its disk it asks all others for their
    votes (§5.2).`;
  const voters = () =>
    run.servers.filter(({ id, votedFor }) => id !== candidate && votedFor === candidate);
  await run.until('a vote', () => voters().length > 0);
  const voter = serverIdsOf(voters())[0]!;
  run.say('One vote in a term', voter)`
    ${voter} has not voted in term 1, and ${candidate}’s log is as up to date as its own, so it votes
    for ${candidate}. The vote is on ${voter}’s disk before the answer leaves: not even a crash lets it
    vote twice.`;
}

async function win(run: ScenarioRun, candidate: ServerId): Promise<void> {
  await run.until('a leader', () => run.server(candidate).role === 'leader');
  const votes = run.last('wonElection')?.votes ?? [];
  run.expect('how many votes were counted', votes.length, MAJORITY);
  run.expect('who has campaigned', inWords(run.campaigners), candidate);
  run.say(`${candidate} leads term 1`, candidate)`
    It has counted the votes of ${inWords([...votes].sort())}: three of five. Any two majorities share a
    server, so nobody else can win term 1. ${candidate} sends word to all, and appends an empty entry of
    its term (§8).`;
}

async function commit(run: ScenarioRun, leader: ServerId): Promise<void> {
  await run.until('the first commit', () => run.commitIndex(leader) === 1);
  const stored = run.holders(leader, 1);
  run.expect('how many followers are known to store it', stored.length, MAJORITY - 1);
  run.say('The first commit', leader)`
    ${inWords(stored)} have answered that entry 1 is on their disks. With ${leader} that is a majority,
    and the entry is of its own term: it is committed and will never be lost (§5.3).`;
  await run.until('everybody has applied it', run.isSettled);
  run.say('Everybody knows')`
    Every message of the leader carries its commit index: all five have now applied entry 1. A heartbeat
    every 100 ms keeps their timers from running out, and the cluster takes commands.`;
}
