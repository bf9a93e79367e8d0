/** The gate and the pre-vote (Figure 2, All Servers; §5.1, §5.2; thesis §4.2.3, §9.6). */
import type { MustSection } from '../must.ts';

const terms = { file: 'machines/rules/terms.ts', test: 'test/rules/terms.test.ts' };
const border = {
  file: 'machines/internal-events.ts',
  test: 'test/machines/raw-messages.test.ts',
};
const leaders = {
  file: 'machines/rules/term-leader.ts',
  test: 'test/rules/term-leader.test.ts',
};
const votes = { file: 'machines/rules/request-vote.ts', test: 'test/rules/request-vote.test.ts' };

export const gate: MustSection = {
  title: 'The gate (§5.1)',
  musts: [
    {
      must: 'A newer term is adopted.',
      ...terms,
      find: 'message.term <= state.currentTerm) return false;',
      replace: 'message.term >= 0) return false;',
    },
    {
      must: 'A newer term comes without a vote: that of the old term no longer counts.',
      ...terms,
      find: '    votedFor: null,\n    termLeader: null,',
      replace: '    termLeader: null,',
    },
    {
      must: 'A server that learns of a newer term becomes a follower.',
      file: 'machines/server.ts',
      find: "        target: '.follower',\n        actions: [",
      replace: '        actions: [',
      test: 'test/machines/gate.test.ts',
    },
    {
      must: 'The message with the newer term is handled in the same step, by the new role.',
      file: 'machines/server.ts',
      find: "        target: '.follower',\n        actions: [withMessage('adoptTerm'), withMessage('raiseMessage')],",
      replace: "        target: '.follower',\n        actions: withMessage('adoptTerm'),",
      test: 'test/machines/gate.test.ts',
    },
    {
      must: 'The term of a vote request is not adopted while we hear from a leader.',
      ...terms,
      find: '!hearsFromLeader(state) || message.isLeadershipTransfer',
      replace: 'state.currentTerm >= 0 || message.isLeadershipTransfer',
    },
    {
      must: '… unless the leader asked for the election.',
      ...terms,
      find: ' || message.isLeadershipTransfer',
      replace: '',
    },
    {
      must: '… or is itself the candidate.',
      ...terms,
      find: ' || message.from === state.heardLeader',
      replace: '',
    },
    {
      must: 'The term of a pre-vote is not adopted.',
      ...terms,
      find: "message.type === 'PreVote' || message.term <=",
      replace: 'message.term <=',
    },
    {
      must: 'A leader hears from itself.',
      file: 'machines/rules/leadership.ts',
      find: 'heardLeader: id, leadership }',
      replace: 'leadership }',
      test: 'test/rules/leadership.test.ts',
    },
    {
      must: 'A leader that does not hear from a majority steps down.',
      file: 'machines/rules/leadership.ts',
      find: 'return hasQuorum(state.log.configuration, heardSinceCheck(state));',
      replace: 'return heardSinceCheck(state).length >= 0;',
      test: 'test/paper/elections.test.ts',
    },
    {
      must: 'A request of an older term is refused, and the refusal carries our term.',
      ...terms,
      find: 'refusal === null',
      replace: 'refusal !== undefined',
    },
    {
      must: 'A response to a request of another term is dropped.',
      ...terms,
      find: "if (asked !== own) return { reason: 'asked-in-another-term', own, asked };",
      replace: '',
    },
    {
      must: '… except to a pre-vote, which counts even if its voter’s term is older.',
      ...terms,
      find: "isRequest(message) || message.type === 'PreVoteResponse'",
      replace: 'isRequest(message)',
    },
    {
      must: 'A follower adopts a newer term without restarting its election timer.',
      file: 'machines/follower.ts',
      find: "      guard: withMessage('mayAdoptTerm'),",
      replace: "      guard: withMessage('mayAdoptTerm'),\n      target: '.waiting',",
      test: 'test/architecture/timer-arrows.test.ts',
    },
    {
      must: 'Only the gate admits a message: sent under its own name, it changes nothing.',
      ...border,
      find: 'internal.has(event.type) ? snapshot : transition',
      replace: 'transition',
    },
    {
      must: '… not even in a machine made by `provide`.',
      ...border,
      find: 'shut(provide(implementations), internal)',
      replace: 'provide(implementations)',
    },
    {
      must: 'A message for another server changes nothing.',
      ...terms,
      find: 'return to !== id || from === id;',
      replace: 'return from === id;',
    },
    {
      must: 'A message in our own name changes nothing.',
      ...terms,
      find: 'return to !== id || from === id;',
      replace: 'return to !== id;',
    },
  ],
};

export const oneLeader: MustSection = {
  title: 'One leader of a term (§5.2)',
  musts: [
    {
      must: 'A server that hears of a second leader of its term stops.',
      ...leaders,
      find: '  assertOneLeader(state, request);\n',
      replace: '',
      test: 'test/paper/second-leader.test.ts',
    },
    {
      must: '… even by `TimeoutNow`, which changes no log.',
      file: 'machines/server.ts',
      find: "TimeoutNow: { actions: withEvent('assertOneLeader') },",
      replace: 'TimeoutNow: {},',
      test: 'test/machines/two-leaders.test.ts',
    },
    {
      must: 'The leader of the term stays known when it is no longer heard from.',
      ...leaders,
      find: 'decide({ ...state, heardLeader: null })',
      replace: 'decide({ ...state, termLeader: null, heardLeader: null })',
      test: 'test/machines/two-leaders.test.ts',
    },
    {
      must: '… while an election is prepared.',
      ...votes,
      find: 'requestId, campaign, heardLeader: null',
      replace: 'requestId, campaign, termLeader: null, heardLeader: null',
      test: 'test/machines/two-leaders.test.ts',
    },
    {
      must: '… and when it was this server itself.',
      file: 'machines/rules/leadership.ts',
      find: '...state, heardLeader: null, leadership: null',
      replace: '...state, termLeader: null, heardLeader: null, leadership: null',
      test: 'test/machines/two-leaders.test.ts',
    },
    {
      must: 'A newer term has no known leader.',
      ...terms,
      find: '    votedFor: null,\n    termLeader: null,',
      replace: '    votedFor: null,',
      test: 'test/rules/term-leader.test.ts',
    },
    {
      must: 'Nor has a term in which this server campaigns.',
      ...votes,
      find: '    termLeader: null,\n',
      replace: '',
      test: 'test/rules/term-leader.test.ts',
    },
    {
      must: 'A leader knows itself as the leader of its term.',
      file: 'machines/rules/leadership.ts',
      find: 'termLeader: id, heardLeader: id',
      replace: 'heardLeader: id',
      test: 'test/machines/two-leaders.test.ts',
    },
  ],
};

export const preVote: MustSection = {
  title: 'Pre-vote (thesis §9.6)',
  musts: [
    {
      must: 'Every election begins with a pre-vote.',
      file: 'machines/candidate.ts',
      find: "initial: 'preVote'",
      replace: "initial: 'vote'",
      test: 'test/paper/elections.test.ts',
    },
    {
      must: 'A pre-vote is always answered.',
      file: 'machines/server.ts',
      find: "PreVote: { actions: withEvent('answerPreVote') },",
      replace: 'PreVote: {},',
      test: 'test/machines/gate.test.ts',
    },
    {
      must: 'A newer term in a pre-vote’s answer is adopted like any other.',
      ...terms,
      find: "if (message.type !== 'RequestVote') return true;",
      replace: "if (message.type !== 'RequestVote') return message.type !== 'PreVoteResponse';",
    },
    {
      must: 'The answer carries the voter’s own term.',
      ...votes,
      find: '    term: state.currentTerm,\n    requestId,\n    proposedTerm',
      replace: '    term: proposedTerm,\n    requestId,\n    proposedTerm',
    },
    {
      must: 'A pre-vote is granted only for a term newer than ours.',
      ...votes,
      find: 'return proposedTerm > own ? null',
      replace: 'return proposedTerm >= own ? null',
    },
    {
      must: '… and only for a log that is up to date.',
      ...votes,
      find: 'hasLeader(state) ?? logOutdated(state, request);',
      replace: 'hasLeader(state);',
    },
    {
      must: '… and never while a leader is heard from; a leader never grants one.',
      ...votes,
      find: 'hasLeader(state) ?? logOutdated(state, request);',
      replace: 'logOutdated(state, request);',
    },
    {
      must: 'Granting a pre-vote changes no term.',
      ...votes,
      find: "decide(state, [{ type: 'send', message, afterWrite: 0 }]);",
      replace:
        "decide({ ...state, currentTerm: proposedTerm }, [{ type: 'send', message, afterWrite: 0 }]);",
    },
    {
      must: 'Granting a pre-vote restarts no timer.',
      file: 'machines/server.ts',
      find: "PreVote: { actions: withEvent('answerPreVote') },",
      replace: "PreVote: { target: '.follower', actions: withEvent('answerPreVote') },",
      test: 'test/architecture/timer-arrows.test.ts',
    },
    {
      must: 'Only votes of distinct voters of the configuration count.',
      file: 'machines/rules/quorum.ts',
      find: '(ids.includes(id) ? 1 : 0)) === 1',
      replace: "(ids.length > 0 && id !== '' ? 1 : 0)) === 1",
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'Votes count for the current campaign only.',
      ...votes,
      find: 'response.requestId === requestId && response.requestTerm === term',
      replace: 'response.requestTerm === term',
    },
    {
      must: 'One vote in a term (§5.2).',
      ...votes,
      find: '    alreadyVoted(state, request) ??\n',
      replace: '',
    },
    {
      must: 'A vote only for a log that is up to date (§5.4.1).',
      ...votes,
      find: '    hasLeader(state) ??\n    logOutdated(state, request)\n',
      replace: '    hasLeader(state)\n',
    },
  ],
};
