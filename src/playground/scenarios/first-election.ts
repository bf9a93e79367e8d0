/** How a cluster that has just started gets its first leader (§5.2; thesis §9.6). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Frame } from '../frame.ts';
import { campaigners, expectAgreement, expectRole, expectSame, lastOf } from './assertions.ts';
import { commitIndexOf, inWords, isSettled, leaderIn, serverAt, serverIdsOf } from './queries.ts';
import type { Director, Scenario } from './scenario.ts';

const SERVERS = 5;
const MAJORITY = 3;

export const firstElection: Scenario = {
  id: 'first-election',
  title: 'First election',
  about: 'Five servers start at once, and nobody leads. Whoever loses patience first will.',
  begin: { seed: 6, servers: SERVERS },

  async play(director) {
    director.say(
      'Five followers',
      'Every server starts as a follower in term 0. The arc around each is its election timer, drawn ' +
        'by chance between 300 and 600 ms. Whoever hears of no leader until it runs out tries to ' +
        'become one (§5.2).',
    );
    const candidate = await losePatience(director);
    await ask(director, candidate);
    await win(director, candidate);
    await commit(director, candidate);
    expectAgreement(director.frame, '1', {});
    for (const { id } of director.frame.servers) {
      expectRole(director.frame, id, id === candidate ? 'leader' : 'follower', 1);
    }
  },
};

async function losePatience(director: Director): Promise<ServerId> {
  const candidates = ({ servers }: Frame) => servers.filter(({ role }) => role === 'candidate');
  await director.until('a candidate', (frame) => candidates(frame).length > 0);
  const { frame } = director;
  expectSame('how many candidates there are', candidates(frame).length, 1);
  const { id, currentTerm } = candidates(frame)[0]!;
  expectSame(`the term of ${id}`, currentTerm, 0);
  director.say(
    `${id} has waited long enough`,
    `After ${Math.round(frame.atMs)} ms ${id} has heard of no leader. First it asks whether the others ` +
      'would vote for it: a pre-vote. That raises no term, and disturbs nobody if they would not ' +
      '(thesis §9.6).',
    id,
  );
  return id;
}

async function ask(director: Director, candidate: ServerId): Promise<void> {
  await director.until('the vote', (frame) => serverAt(frame, candidate).currentTerm === 1);
  const why = lastOf(director.happenings, 'askedForVotes')?.why;
  const willing =
    why?.reason === 'pre-votes' ? why.votes.filter((id) => id !== candidate).sort() : [];
  expectSame('how many others would vote for it', willing.length, MAJORITY - 1);
  director.say(
    'Now it counts',
    `${inWords(willing)} would vote for ${candidate}; with itself that is a majority of five. So it ` +
      'raises its term to 1 and votes for itself. Once that is on its disk it asks all others for ' +
      'their votes (§5.2).',
    candidate,
  );
  const voters = ({ servers }: Frame) =>
    servers.filter(({ id, votedFor }) => id !== candidate && votedFor === candidate);
  await director.until('a vote', (frame) => voters(frame).length > 0);
  const voter = voters(director.frame)[0]!.id;
  director.say(
    'One vote in a term',
    `${voter} has not voted in term 1, and ${candidate}’s log is as up to date as its own, so it votes ` +
      `for ${candidate}. The vote is on ${voter}’s disk before the answer leaves: not even a crash lets ` +
      'it vote twice.',
    voter,
  );
}

async function win(director: Director, candidate: ServerId): Promise<void> {
  await director.until('a leader', (frame) => serverAt(frame, candidate).role === 'leader');
  const won = lastOf(director.happenings, 'wonElection');
  expectSame('how many votes were counted', won?.votes.length ?? 0, MAJORITY);
  expectSame('who has stood', inWords(campaigners(director.happenings)), candidate);
  director.say(
    `${candidate} leads term 1`,
    `It has counted the votes of ${inWords([...(won?.votes ?? [])].sort())}: three of five. Any two ` +
      `majorities share a server, so nobody else can win term 1. ${candidate} sends word to all, and ` +
      'appends an empty entry of its term (§8).',
    candidate,
  );
}

async function commit(director: Director, leader: ServerId): Promise<void> {
  const hasCommitted = (frame: Frame) => commitIndexOf(serverAt(frame, leader)) === 1;
  await director.until('the first commit', hasCommitted);
  const stored = leaderIn(director.frame).followers.filter(({ matchIndex }) => matchIndex === 1);
  expectSame('how many followers are known to store it', stored.length, MAJORITY - 1);
  director.say(
    'The first commit',
    `${inWords(serverIdsOf(stored))} have answered that entry 1 is on their disks. With ${leader} that is a ` +
      'majority, and the entry is of its own term: it is committed and will never be lost (§5.3).',
    leader,
  );
  await director.until('everybody has applied it', isSettled);
  director.say(
    'Everybody knows',
    'Every message of the leader carries its commit index: all five have now applied entry 1. A ' +
      'heartbeat every 100 ms keeps their timers from running out, and the cluster takes commands.',
  );
}
