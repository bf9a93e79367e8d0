/**
 * Every guard of the three machines, forced and negated: the charts ask, and heed the answer. Two are
 * changed in their rules instead: a chart that heeds `hasConfirmedReads` while the rule that answers
 * does not goes round for ever, and a client that knows no leader and asks it has nobody to ask.
 */
import type { Mutant } from '../mutant.ts';
import { mutantsOf } from '../rows.ts';

/** A guard, what it keeps, and which tests notice when it always holds, and when it is turned round. */
interface Guard {
  readonly guard: string;
  readonly rule: string;
  readonly section: string;
  readonly forced: string;
  readonly negated: string;
}

const gate = 'test/machines/gate.test.ts';
const follower = 'test/machines/follower.test.ts';
const election = 'test/machines/election.test.ts';
const leader = 'test/machines/leader.test.ts';
const replication = 'test/machines/replication.test.ts';
const request = 'test/machines/request.test.ts';
const snapshots = 'test/machines/snapshots.test.ts';
const incoming = 'test/machines/incoming-snapshot.test.ts';

const serverGuards: readonly Guard[] = [
  {
    guard: 'isMisaddressed',
    rule: 'Messages for other servers are dropped, and no others.',
    section: '§5.1',
    forced: gate,
    negated: gate,
  },
  {
    guard: 'mayAdoptTerm',
    rule: 'A newer term is adopted, and no other.',
    section: '§5.1',
    forced: gate,
    negated: gate,
  },
  {
    guard: 'isRequestOfOlderTerm',
    rule: 'Requests of an older term are refused, and no others.',
    section: '§5.1',
    forced: gate,
    negated: gate,
  },
  {
    guard: 'isStaleResponse',
    rule: 'Responses to what was asked in another term are dropped, and no others.',
    section: '§5.1',
    forced: leader,
    negated: leader,
  },
  {
    guard: 'mayGrantVote',
    rule: 'Votes are granted by the rule.',
    section: '§5.2, §5.4.1',
    forced: election,
    negated: follower,
  },
  {
    guard: 'mayCampaign',
    rule: 'Voters campaign, and nobody else.',
    section: 'thesis §4.2.1',
    forced: election,
    negated: election,
  },
  {
    guard: 'mayCampaignAtOnce',
    rule: 'A follower takes over from the leader that it hears from.',
    section: 'thesis §3.10',
    forced: follower,
    negated: follower,
  },
  {
    guard: 'wonElection',
    rule: 'A candidate leads with a majority, and not without.',
    section: '§5.2',
    forced: election,
    negated: election,
  },
  {
    guard: 'logMatches',
    rule: 'Entries are accepted where the logs match, and nowhere else.',
    section: '§5.3',
    forced: 'test/host/durability.test.ts',
    negated: follower,
  },
  {
    guard: 'isSuperseded',
    rule: 'Snapshots that are needed are received, and no others.',
    section: '§7',
    forced: follower,
    negated: follower,
  },
  {
    guard: 'isStoringChunk',
    rule: 'A chunk that arrives while another is being stored has no effect; any other has.',
    section: 'Figure 13',
    forced: incoming,
    negated: incoming,
  },
  {
    guard: 'isNextChunk',
    rule: 'A chunk is stored at the transfer’s current offset, and nowhere else.',
    section: 'Figure 13',
    forced: incoming,
    negated: incoming,
  },
  {
    guard: 'isBeingStored',
    rule: 'Only the chunk that is being stored moves the transfer on.',
    section: 'Figure 13',
    forced: incoming,
    negated: incoming,
  },
  {
    guard: 'completesSnapshot',
    rule: 'A snapshot is installed when all of it has arrived, and not before.',
    section: 'Figure 13',
    forced: incoming,
    negated: incoming,
  },
  {
    guard: 'hearsFromPeer',
    rule: 'A lost connection to the leader counts as evidence that it failed.',
    section: 'design §3',
    forced: follower,
    negated: follower,
  },
  {
    guard: 'hearsFromQuorum',
    rule: 'A leader stays while a majority answers it.',
    section: 'thesis §6.2',
    forced: leader,
    negated: leader,
  },
  {
    guard: 'hasReads',
    rule: 'A round begins when there is something to confirm.',
    section: 'thesis §6.4',
    forced: leader,
    negated: leader,
  },
  {
    guard: 'maySnapshot',
    rule: 'A requested snapshot is taken if it holds anything new, one at a time.',
    section: '§7',
    forced: snapshots,
    negated: snapshots,
  },
];

const replicationGuards: readonly Guard[] = [
  {
    guard: 'canSend',
    rule: 'A follower is sent what there is, as the window allows.',
    section: 'thesis §10.2.2',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'answersThisMode',
    rule: 'Only an answer to the outstanding question moves the probe.',
    section: '§5.3',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'isNewRefusal',
    rule: 'A refusal counts above what matches.',
    section: '§5.3',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'isNewGap',
    rule: 'What was lost or overtaken is sent again without a probe; a conflict is not.',
    section: '§5.3',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'findsAgreement',
    rule: 'A refused probe ends probing when it says where the logs agree.',
    section: '§5.3',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'isSomething',
    rule: 'When nothing fits into the window, the actor waits for an answer.',
    section: 'thesis §10.2.2',
    forced: replication,
    negated: replication,
  },
  {
    guard: 'isInstalled',
    rule: 'Entries follow when the snapshot is installed.',
    section: 'Figure 13',
    forced: replication,
    negated: replication,
  },
];

const requestGuards: readonly Guard[] = [
  ['hasUntriedEndpoint', 'Every server is asked before a pause.'],
  ['isHopeless', 'When no server is trusted, the request is refused at once.'],
  ['mayRepeat', 'An attempt that waits too long is given up where a repeat does no harm.'],
  ['isLate', 'An answer to an attempt that was given up is ignored.'],
  ['mayFollow', 'A redirect is followed, and so many times.'],
  ['isRetryable', 'An attempt that was not applied is followed by another.'],
  ['isFinal', 'An answer settles the request.'],
  ['isRepeatable', 'What a repeat cannot harm is repeated in doubt, and nothing else.'],
].map(([guard = '', rule = '']) => ({
  guard,
  rule,
  section: 'thesis §6.3',
  forced: request,
  negated: request,
}));

export const guards: readonly Mutant[] = [
  ...serverGuards.flatMap((guard) => ofRule('machines/vocabulary.ts', 'fromRule', guard)),
  ...replicationGuards.flatMap((guard) => ofRule('machines/replication.ts', 'fromRule', guard)),
  ...requestGuards.flatMap((guard) => ofRule('machines/request.ts', 'fromRule', guard)),
  ...mutantsOf({ file: 'machines/rules/reads.ts', test: 'test/rules/reads.test.ts' }, [
    {
      id: 'has-confirmed-reads-always',
      rule: 'Reads are answered when they are confirmed.',
      section: 'thesis §6.4',
      find: 'return (read) => echoed > read.requestId',
      replace: 'return (read) => true || echoed > read.requestId',
    },
    {
      id: 'has-confirmed-reads-negated',
      rule: 'Reads are answered when they are confirmed.',
      section: 'thesis §6.4',
      find: 'return (read) => echoed > read.requestId && state.commitIndex >= read.index;',
      replace: 'return (read) => !(echoed > read.requestId && state.commitIndex >= read.index);',
    },
  ]),
  ...mutantsOf({ file: 'machines/rules/request.ts', test: request }, [
    {
      id: 'knows-leader-after-the-first-try',
      rule: 'The leader is asked, if one is known.',
      section: 'thesis §6.3',
      find: 'endpoint: leader ?? endpoints',
      replace: 'endpoint: leader ?? endpoint ?? endpoints',
    },
    {
      id: 'known-leader-not-asked',
      rule: 'The leader is asked, if one is known.',
      section: 'thesis §6.3',
      find: 'endpoint: leader ?? endpoints',
      replace: 'endpoint: endpoints',
    },
  ]),
];

/** The guard of a chart, where its vocabulary has it from its rule. */
function ofRule(file: string, adapter: string, guard: Guard): readonly Mutant[] {
  const { rule, section } = guard;
  const find = `${guard.guard}: ${adapter}(`;
  const always = `${guard.guard}: ((_) => () => true)(`;
  const opposite = `${guard.guard}: ((rule) => (...args) => !${adapter}(rule)(...args))(`;
  const mutant = (how: string, replace: string, test: string): Mutant => ({
    id: `${kebab(guard.guard)}-${how}`,
    rule,
    section,
    change: { file, find, replace },
    killer: { test },
  });
  return [mutant('always', always, guard.forced), mutant('negated', opposite, guard.negated)];
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
