/** Two candidates at once, and why that does not last (§5.2). */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Frame, ServerFrame } from '../frame.ts';
import {
  campaigners,
  expectAgreement,
  expectRefusal,
  expectRole,
  expectSame,
} from './assertions.ts';
import { inWords, isSettled, serverAt, serverIdsOf, timerOf, votesOf } from './queries.ts';
import type { Director, Scenario } from './scenario.ts';

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

  async play(director) {
    director.say(
      'Four servers',
      'A majority of four is three. Nothing is done to this cluster: its election timers are drawn by ' +
        'chance, and with this seed two of them run out almost together.',
    );
    const rivals = await campaign(director);
    await tie(director, rivals);
    const winner = await resolve(director, rivals);
    expectAgreement(director.frame, '2', {});
    for (const { id } of director.frame.servers) {
      expectRole(director.frame, id, id === winner ? 'leader' : 'follower', 2);
    }
  },
};

function candidates({ servers }: Frame, term: number): readonly ServerFrame[] {
  return servers.filter(({ role, currentTerm }) => role === 'candidate' && currentTerm === term);
}

async function campaign(director: Director): Promise<readonly ServerId[]> {
  await director.until('two candidates', (frame) => candidates(frame, 0).length === 2);
  const rivals = serverIdsOf(candidates(director.frame, 0));
  director.say(
    'Two at once',
    `The timers of ${inWords(rivals)} ran out so close together that neither has heard of the other. ` +
      'Both ask who would vote for them. That promises nothing, so both may be told yes (thesis §9.6).',
  );
  await director.until('two campaigns', (frame) => candidates(frame, 1).length === 2);
  expectSame(
    'who stands in term 1',
    inWords(serverIdsOf(candidates(director.frame, 1))),
    inWords(rivals),
  );
  director.say(
    'Both stand in term 1',
    `${inWords(rivals)} have raised their term to 1 and voted for themselves. Two votes are left, and ` +
      'each goes to whoever asks first (§5.2).',
  );
  return rivals;
}

async function tie(director: Director, rivals: readonly ServerId[]): Promise<void> {
  const votes = (id: ServerId) => votesOf(serverAt(director.frame, id));
  await director.until('a tie', () => rivals.every((id) => votes(id).length === SERVERS / 2));
  expectSame('who has stood', inWords(campaigners(director.happenings)), inWords(rivals));
  const [one, other] = rivals as [ServerId, ServerId];
  for (const id of rivals) expectRole(director.frame, id, 'candidate', 1);
  director.say(
    'Two votes each',
    `${one} has the votes of ${inWords(votes(one))}, ${other} those of ${inWords(votes(other))}. A server ` +
      'votes once in a term, so nobody can reach three any more. Term 1 will have no leader: that is ' +
      'safe, and costs only time.',
  );
  await director.until('all answers are there', ({ flights }) => flights.length === 0);
  for (const { id, votedFor } of director.frame.servers) {
    const candidate = votedFor === one ? other : one;
    expectRefusal(director.happenings, { voter: id, candidate, because: 'already-voted' });
  }
  drawAgain(director);
}

function drawAgain(director: Director): void {
  const waits = director.frame.servers
    .map((server) => ({ id: server.id, dueAtMs: timerOf(server).dueAtMs }))
    .sort((a, b) => a.dueAtMs - b.dueAtMs);
  const [soonest, next] = waits as [(typeof waits)[0], (typeof waits)[0]];
  const apartMs = Math.round(next.dueAtMs - soonest.dueAtMs);
  expectSame('whether there is time for an election', apartMs > ELECTION_MS, true);
  director.say(
    'Chance again',
    `All four have drawn new timeouts between 300 and 600 ms. ${soonest.id}’s ends first, ${apartMs} ms ` +
      `before ${next.id}’s. An election takes about ${ELECTION_MS} ms here, so this time there is room ` +
      'for one.',
    soonest.id,
  );
}

async function resolve(director: Director, rivals: readonly ServerId[]): Promise<ServerId> {
  await director.until('a campaign in term 2', (frame) => candidates(frame, 2).length > 0);
  const { id } = candidates(director.frame, 2)[0]!;
  expectSame('whether it stood before', rivals.includes(id), false);
  director.say(
    'A new term, new votes',
    `${id} raises its term to 2 and asks. What was voted in term 1 binds nobody in term 2: even ` +
      `${inWords(rivals)}, who voted for themselves then, may vote for ${id}.`,
    id,
  );
  await director.until('a leader', (frame) => serverAt(frame, id).role === 'leader');
  director.say(
    `${id} leads term 2`,
    'It has three votes, and nobody stood against it. Timeouts drawn anew each time make ties rare, and ' +
      'two in a row rarer still (§9.3).',
    id,
  );
  await director.until('everybody follows', isSettled);
  director.say(
    'One log',
    `All four have applied ${id}’s first entry, which is of term 2. Term 1 has left nothing in any log.`,
  );
  return id;
}
