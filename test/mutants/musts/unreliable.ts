/** A server that has lost what it had acknowledged counts in no majority (§5.1; ADR 0022). */
import type { MustSection } from '../must.ts';

const test = 'test/rules/unreliable.test.ts';
const rule = { file: 'machines/rules/unreliable.ts', test };
const leader = { file: 'machines/rules/leadership.ts', test };

export const lostAcknowledgements: MustSection = {
  title: 'Lost acknowledgements (§5.1)',
  musts: [
    {
      must: 'Who has lost what it had acknowledged commits nothing.',
      file: 'machines/rules/commitment.ts',
      find: '  if (!isReliable(state, id)) return 0;\n',
      replace: '',
      test: 'test/paper/lost-acknowledgements.test.ts',
    },
    {
      must: '… confirms no reads.',
      file: 'machines/rules/reads.ts',
      test,
      find: 'const followers = reliableFollowers(state);',
      replace: 'const { followers } = leadershipOf(state);',
    },
    {
      must: '… keeps nobody in power.',
      ...leader,
      find: 'const heard = reliableFollowers(state)',
      replace: 'const heard = leadershipOf(state).followers',
    },
    {
      must: '… elects nobody who saw the loss.',
      file: 'machines/rules/request-vote.ts',
      find: 'isVoter(state.log.configuration, from) && isReliable(state, from)',
      replace: 'isVoter(state.log.configuration, from)',
      test,
    },
    {
      must: '… until it has on its disk all that it had acknowledged.',
      ...rule,
      find: ' && answer.matchIndex >= acknowledged;',
      replace: ';',
    },
    {
      must: '… that is, with what was acknowledged before the loss and arrives after it.',
      ...rule,
      find: 'const acknowledged = Math.max(matchIndex, known.acknowledged);',
      replace: 'const { acknowledged } = known;',
    },
    {
      must: '… as an answer shows to what was asked after the loss was noticed.',
      ...rule,
      find: 'answer.requestId > known.noticedAt &&',
      replace: '',
    },
    {
      must: '… and noticed for the last time.',
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
      must: 'Word of another leader ends it: that one feeds the follower, and judges it.',
      file: 'machines/rules/term-leader.ts',
      find: 'heardLeader: from, unreliable: [] }',
      replace: 'heardLeader: from }',
      test,
    },
    {
      must: 'It is fed again once it counts again.',
      file: 'machines/replication.ts',
      find: "    'acknowledgements.regained': 'probe',\n",
      replace: '',
      test: 'test/machines/replication.test.ts',
    },
  ],
};
