/** How a cluster that has just started gets its first leader (§5.2; thesis §9.6). */
import type { Frame, ServerFrame } from '../frame.ts';
import { claim, claimAgreement, claimRole } from './claims.ts';
import { commitIndexOf, idsOf, inWords, isSettled, leaderIn, serverAt } from './look.ts';
import type { Director, Scenario } from './scenario.ts';

const MAJORITY = 3;

export const firstElection: Scenario = {
  id: 'first-election',
  title: 'First election',
  about: 'Five servers start at once and nobody leads. One of them loses patience first.',
  begin: { seed: 1, servers: 5 },

  async tell(director) {
    director.say(
      'Five followers',
      'Every server starts as a follower, in term 0. The arc around each is its election timer, ' +
        'drawn by chance between 300 and 600 ms. Whoever hears of no leader until it runs out will try to become one (§5.2).',
    );
    const candidate = await losePatience(director);
    await ask(director, candidate);
    await lead(director, candidate);
    claimAgreement(director.frame, '1', {});
    for (const { id } of director.frame.servers) {
      claimRole(director.frame, id, id === candidate ? 'leader' : 'follower', 1);
    }
  },
};

async function losePatience(director: Director): Promise<string> {
  await director.until('a candidate', ({ servers }) => candidateOf(servers) !== undefined);
  const { frame } = director;
  const { id } = candidateOf(frame.servers)!;
  claim('how many wait', frame.servers.filter(({ role }) => role === 'follower').length, 4);
  director.say(
    `${id} has waited long enough`,
    `After ${whole(frame.atMs)} ms ${id} has heard of no leader. It asks first whether the others would vote for ` +
      'it: a pre-vote. That raises no term, so it disturbs nobody if they would not (thesis §9.6).',
  );
  return id;
}

async function ask(director: Director, candidate: string): Promise<void> {
  const isVoting = (frame: Frame) => serverAt(frame, candidate).currentTerm === 1;
  await director.until(`the vote for ${candidate}`, isVoting);
  director.say(
    'Now it counts',
    `Two others would vote for ${candidate}; with itself that is a majority of five. So it raises its term to 1, votes ` +
      'for itself, and asks for votes once both are on its disk (§5.2).',
  );
  const isGranted = ({ servers }: Frame) =>
    servers.some(({ id, votedFor }) => id !== candidate && votedFor === candidate);
  await director.until('a vote', isGranted);
  const { id: voter } = director.frame.servers.find(
    ({ id, votedFor }) => id !== candidate && votedFor === candidate,
  )!;
  director.say(
    'One vote per term',
    `${voter} has not voted in term 1, and ${candidate}’s log is as up to date as its own: it votes for ${candidate}. ` +
      `The vote is written to ${voter}’s disk before the answer leaves; after a crash ${voter} could not vote again.`,
  );
}

async function lead(director: Director, candidate: string): Promise<void> {
  await director.until(
    `${candidate} leads`,
    (frame) => serverAt(frame, candidate).role === 'leader',
  );
  const voters = director.frame.servers.filter(({ votedFor }) => votedFor === candidate);
  claim('whether a majority voted', voters.length >= MAJORITY, true);
  director.say(
    `${candidate} leads term 1`,
    `Three votes of five are a majority, and no two majorities can differ entirely: nobody else can win term 1. ` +
      `${candidate} sends word to everybody, and appends an empty entry of its term (§8).`,
  );
  const hasCommitted = (frame: Frame) => commitIndexOf(serverAt(frame, candidate)) === 1;
  await director.until('the first commit', hasCommitted);
  const followers = leaderIn(director.frame).followers.filter(({ matchIndex }) => matchIndex >= 1);
  claim('how many followers have the entry', followers.length, MAJORITY - 1);
  director.say(
    'The first commit',
    `${inWords(idsOf(followers))} have answered that entry 1 is on their disks. With ${candidate} that is a majority, ` +
      'and the entry is of its own term: committed (§5.3). It will never be lost.',
  );
  await director.until('everybody has applied it', isSettled);
  director.say(
    'Everybody knows',
    `Each message of the leader carries its commit index, so all five have now applied entry 1. A heartbeat every ` +
      '50 ms keeps their timers from running out, and the cluster takes commands.',
  );
}

function candidateOf(servers: readonly ServerFrame[]): ServerFrame | undefined {
  return servers.find(({ role }) => role === 'candidate');
}

function whole(timeMs: number): number {
  return Math.round(timeMs);
}
