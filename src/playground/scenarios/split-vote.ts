/** Two candidates at once, and why that does not last (§5.2). */
import type { ServerId } from '#rules/entries';
import type { Frame } from '../frame.ts';
import { claim, claimAgreement, claimRole, claimVote } from './claims.ts';
import { idsOf, inWords, isSettled, leaderIn, serverAt, timerOf, votesOf } from './look.ts';
import type { Director, Scenario } from './scenario.ts';

const SERVERS = 4;

export const splitVote: Scenario = {
  id: 'split-vote',
  title: 'Split vote',
  about:
    'Two of four servers become candidates at almost the same moment, and each gets half of the ' +
    'votes. Chance has made the tie, and chance resolves it.',
  // The seed is one whose timers run out so close together.
  begin: { seed: 16, servers: SERVERS },

  async tell(director) {
    director.say(
      'Four servers',
      'A majority of four is three. Nothing is done to this cluster: the election timers are drawn ' +
        'by chance, and with this seed two of them run out almost together.',
    );
    const rivals = await twoCandidates(director);
    await tie(director, rivals);
    await resolve(director, rivals);
    claimAgreement(director.frame, '2', {});
    claim('the term of the leader', leaderIn(director.frame).currentTerm, 2);
  },
};

const campaigning = ({ servers }: Frame, term: number) =>
  servers.filter(({ role, currentTerm }) => role === 'candidate' && currentTerm === term);

async function twoCandidates(director: Director): Promise<readonly ServerId[]> {
  await director.until('two candidates', ({ servers }) => {
    return servers.filter(({ role }) => role === 'candidate').length === 2;
  });
  const [first, second] = idsOf(director.frame.servers.filter(({ role }) => role === 'candidate'));
  director.say(
    'Two at once',
    `The timers of ${first} and ${second} ran out so close together that neither has heard of the other. Both ` +
      'ask who would vote for them. A pre-vote promises nothing, so both may be told yes (thesis §9.6).',
  );
  await director.until('two campaigns', (frame) => campaigning(frame, 1).length === 2);
  director.say(
    'Both campaign in term 1',
    `${first} and ${second} have each raised their term to 1 and voted for themselves. Two votes are left, those of ` +
      'the other two, and each goes to whoever asks first (§5.2).',
  );
  return [first!, second!];
}

async function tie(director: Director, rivals: readonly ServerId[]): Promise<void> {
  const isTied = (frame: Frame) =>
    rivals.every((id) => votesOf(serverAt(frame, id)).length === SERVERS / 2);
  await director.until('a tie', isTied);
  const { frame } = director;
  for (const id of rivals) {
    claimRole(frame, id, 'candidate', 1);
    claimVote(frame, id, id);
  }
  const [a, b] = rivals.map((id) => inWords(votesOf(serverAt(frame, id))));
  director.say(
    'Two votes each',
    `${rivals[0]} has the votes of ${a}, ${rivals[1]} those of ${b}. Nobody can reach three any more: one ` +
      'server, one vote in a term. Term 1 will have no leader, and that is safe; it costs time only.',
  );
  await director.until('no answer is on its way', ({ flights }) => flights.length === 0);
  const waits = director.frame.servers.map((server) => ({ id: server.id, timer: timerOf(server) }));
  waits.sort((x, y) => x.timer.dueAtMs - y.timer.dueAtMs);
  const [soonest, next] = waits;
  const apart = Math.round(next!.timer.dueAtMs - soonest!.timer.dueAtMs);
  director.say(
    'Chance again',
    `All four have drawn new timeouts between 300 and 600 ms. ${soonest!.id}’s runs out first, ${apart} ms before ` +
      `${next!.id}’s. An election takes about 50 ms, so this time there is room for it.`,
  );
}

async function resolve(director: Director, rivals: readonly ServerId[]): Promise<void> {
  await director.until('a campaign in term 2', (frame) => campaigning(frame, 2).length === 1);
  const { id } = campaigning(director.frame, 2)[0]!;
  director.say(
    'A new term, new votes',
    `${id} raises its term to 2 and asks again. What was voted in term 1 does not bind anybody in term 2: ` +
      `${inWords(rivals)} may vote for it as well.`,
  );
  await director.until(`${id} leads`, (frame) => serverAt(frame, id).role === 'leader');
  director.say(
    `${id} leads term 2`,
    `Three votes, and nobody stood against it. Timeouts that are drawn anew each time make ties rare, and two ties in a ` +
      'row rarer still (§9.3).',
  );
  await director.until('everybody follows', isSettled);
  director.say(
    'One log',
    'Everybody follows it and has applied the first entry, which is of term 2. Term 1 has left no trace in any log.',
  );
}
