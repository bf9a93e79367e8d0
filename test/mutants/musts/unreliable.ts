/** A server that has lost what it had acknowledged counts in no majority (§5.1; ADR 0022). */
import type { MustSection } from '../must.ts';

const test = 'test/rules/unreliable.test.ts';
const rule = { file: 'machines/rules/unreliable.ts', test };
const leader = { file: 'machines/rules/leadership.ts', test };

export const lostAcknowledgements: MustSection = {
  title: 'Lost acknowledgements (§5.1)',
  musts: [
    {
      must: 'A server that lost what it had acknowledged does not count for commits.',
      file: 'machines/rules/commitment.ts',
      find: '  if (!isReliable(state, id)) return 0;\n',
      replace: '',
      test: 'test/paper/lost-acknowledgements.test.ts',
    },
    {
      must: '… nor for reads.',
      file: 'machines/rules/reads.ts',
      test,
      find: 'const followers = reliableFollowers(state);',
      replace: 'const { followers } = leadershipOf(state);',
    },
    {
      must: '… nor in the quorum check.',
      ...leader,
      find: 'const heard = reliableFollowers(state)',
      replace: 'const heard = leadershipOf(state).followers',
    },
    {
      must: '… nor in the election of a server that noticed the loss.',
      file: 'machines/rules/request-vote.ts',
      find: 'isVoter(state.log.configuration, from) && isReliable(state, from)',
      replace: 'isVoter(state.log.configuration, from)',
      test,
    },
    {
      must: '… until all that it had acknowledged is on its disk again.',
      ...rule,
      find: ' && answer.matchIndex >= acknowledged;',
      replace: ';',
    },
    {
      must: '… including acknowledgements from before the loss that arrive after it.',
      ...rule,
      find: 'const acknowledged = Math.max(matchIndex, known.acknowledged);',
      replace: 'const { acknowledged } = known;',
    },
    {
      must: '… as shown by the answer to a request sent after the loss was noticed.',
      ...rule,
      find: 'answer.requestId > known.noticedAt &&',
      replace: '',
    },
    {
      must: '… for the last time.',
      ...rule,
      find: 'noticedAt: state.requestId }',
      replace: 'noticedAt: known?.noticedAt ?? state.requestId }',
    },
    {
      must: 'What it echoed before it had its entries again never counts.',
      file: 'machines/rules/acknowledgements.ts',
      find: '    lastAcknowledgedRequest: requestId,\n',
      replace: '',
      test,
    },
    {
      must: 'Its matchIndex does not fall.',
      file: 'machines/rules/acknowledgements.ts',
      find: '{ ...heard, transfer: null, hasLostEntries: true }',
      replace: '{ ...heard, transfer: null, hasLostEntries: true, matchIndex: 0 }',
      test,
    },
    {
      must: 'A message from another leader ends it: that leader replicates to the follower, and judges it.',
      file: 'machines/rules/term-leader.ts',
      find: 'heardLeader: from, unreliable: [] }',
      replace: 'heardLeader: from }',
      test,
    },
    {
      must: 'It is sent entries again once it counts again.',
      file: 'machines/replication.ts',
      find: "    'acknowledgements.regained': 'probe',\n",
      replace: '',
      test: 'test/machines/replication.test.ts',
    },
  ],
};
