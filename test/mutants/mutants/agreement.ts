/** Majorities, votes, and what is committed by them (§5.2, §5.3, §5.4). */
import { mutantsOf } from '../rows.ts';

const quorum = { file: 'machines/rules/quorum.ts', test: 'test/rules/quorum.test.ts' };
const votes = { file: 'machines/rules/request-vote.ts', test: 'test/rules/request-vote.test.ts' };
const entries = { file: 'machines/rules/entries.ts', test: 'test/rules/request-vote.test.ts' };
const commitment = { file: 'machines/rules/commitment.ts', test: 'test/rules/commitment.test.ts' };
const append = {
  file: 'machines/rules/append-entries.ts',
  test: 'test/rules/append-entries.test.ts',
};
const terms = { file: 'machines/rules/terms.ts', test: 'test/rules/terms.test.ts' };

export const majorities = mutantsOf(quorum, [
  {
    id: 'one-less-than-a-majority',
    rule: 'Less than a majority decides nothing.',
    section: '§5.1',
    find: 'return Math.floor(voters / 2) + 1;',
    replace: 'return Math.floor(voters / 2);',
  },
  {
    id: 'one-more-than-a-majority',
    rule: 'A majority decides.',
    section: '§5.1',
    find: 'return Math.floor(voters / 2) + 1;',
    replace: 'return Math.min(Math.floor(voters / 2) + 2, voters);',
  },
  {
    id: 'learners-count',
    rule: 'A server without a vote counts in no majority.',
    section: 'thesis §4.2.1',
    find: 'members.filter((member) => member.votes).map(',
    replace: 'members.map(',
  },
]);

export const election = [
  ...mutantsOf(votes, [
    {
      id: 'vote-of-a-stranger',
      rule: 'Only votes of voters count.',
      section: '§5.2',
      find: 'isVoter(state.log.configuration, from) && isReliable(state, from)',
      replace: 'isReliable(state, from)',
    },
    {
      id: 'vote-while-hearing-a-leader',
      rule: 'No vote is granted while a leader is heard from.',
      section: 'thesis §4.2.3',
      find: '    hasLeader(state) ??\n    logOutdated',
      replace: '    logOutdated',
    },
    {
      id: 'vote-in-an-older-term',
      rule: 'A vote is granted in the term that it is asked for.',
      section: '§5.2',
      find: '    wrongTerm(state, request) ??\n',
      replace: '',
    },
    {
      id: 'vote-repeated-never',
      rule: 'A candidate that asks again for a vote that it got is granted it again.',
      section: '§5.2',
      find: 'if (votedFor === null || votedFor === from) return null;',
      replace: 'if (votedFor === null) return null;',
    },
    {
      id: 'refusals-count-as-votes',
      rule: 'A refusal is no vote.',
      section: '§5.2',
      find: 'if (granted) return withVote(state, from);',
      replace: 'if (granted || !granted) return withVote(state, from);',
    },
    {
      id: 'term-raised-by-no-election',
      rule: 'A candidate raises its term.',
      section: '§5.2',
      find: 'const term = state.currentTerm + 1;',
      replace: 'const term = state.currentTerm;',
    },
    {
      id: 'learner-takes-over',
      rule: 'Only a voter takes over.',
      section: 'thesis §3.10',
      find: ' && isVoter(state.log.configuration, state.id);',
      replace: ';',
    },
  ]),
  ...mutantsOf(entries, [
    {
      id: 'longer-log-beats-newer-term',
      rule: 'Of two logs, the one with the newer last term is more up to date.',
      section: '§5.4.1',
      find: 'a.term > b.term || (a.term === b.term && a.index >= b.index)',
      replace: 'a.index > b.index || (a.index === b.index && a.term >= b.term)',
    },
    {
      id: 'length-does-not-matter',
      rule: 'Of two logs with the same last term, the longer is more up to date.',
      section: '§5.4.1',
      find: 'a.term > b.term || (a.term === b.term && a.index >= b.index)',
      replace: 'a.term >= b.term',
    },
    {
      id: 'equal-logs-refuse',
      rule: 'A log is as up to date as an equal one.',
      section: '§5.4.1',
      find: 'a.index >= b.index',
      replace: 'a.index > b.index',
    },
  ]),
  ...mutantsOf(terms, [
    {
      id: 'answers-of-older-servers-count',
      rule: 'An answer of a server that has fallen behind is dropped.',
      section: '§5.1',
      bug: 'goraft #162',
      find: "if (responder < own) return { reason: 'responder-behind', own, responder };",
      replace: '',
    },
    {
      id: 'leader-of-an-older-term-is-believed',
      rule: 'The leader of an older term is forgotten with it.',
      section: '§5.1',
      find: '    termLeader: null,\n    heardLeader: null,',
      replace: '    termLeader: null,',
    },
  ]),
];

export const commits = [
  ...mutantsOf(commitment, [
    {
      id: 'figure-8',
      rule: 'An entry of an older term is never committed by counting.',
      section: '§5.4.2',
      bug: 'LogCabin #44',
      test: 'test/paper/replication.test.ts',
      find: 'return isOfOwnTerm ? stored : state.commitIndex;',
      replace: 'return Math.max(stored, state.commitIndex);',
    },
    {
      id: 'applied-twice',
      rule: 'Each entry is applied once.',
      section: '§5.3',
      bug: 'raft-java #60',
      find: 'state.log.slice(state.commitIndex + 1, commitIndex)',
      replace: 'state.log.slice(Math.max(state.commitIndex, 1), commitIndex)',
    },
    {
      id: 'applied-late',
      rule: 'Everything that is committed is applied.',
      section: '§5.3',
      find: 'state.log.slice(state.commitIndex + 1, commitIndex)',
      replace: 'state.log.slice(state.commitIndex + 1, commitIndex - 1)',
    },
    {
      id: 'last-applied-falls',
      rule: '`lastApplied` never falls.',
      section: 'Figure 2',
      find: 'if (index <= state.lastApplied) return decide(state);',
      replace: '',
    },
  ]),
  ...mutantsOf(append, [
    {
      id: 'commit-beyond-what-was-shown',
      rule: 'A follower commits no more than the message has shown to match.',
      section: '§5.3',
      find: 'Math.min(request.leaderCommit, acknowledged)',
      replace: 'Math.min(request.leaderCommit, Math.max(acknowledged, next.log.lastIndex))',
    },
    {
      id: 'commit-index-ignored',
      rule: "A follower follows the leader's commit index.",
      section: '§5.3',
      find: 'commitThrough(next, Math.min(request.leaderCommit, acknowledged))',
      replace: 'decide(next)',
    },
    {
      id: 'conflicts-stay',
      rule: 'Entries that conflict are replaced.',
      section: '§5.3',
      find: 'index <= log.base.index || log.holds({ index, term });',
      replace: 'index <= log.lastIndex || log.holds({ index, term });',
    },
    {
      id: 'compacted-entries-conflict',
      rule: 'Entries inside the snapshot match by definition.',
      section: '§7',
      bug: 'openraft #511, RedisLabs/raft #49',
      find: 'return index <= state.commitIndex || state',
      replace: 'return (index <= state.commitIndex && index > state.log.base.index) || state',
    },
    {
      id: 'refusal-hears-nobody',
      rule: 'A refused message still counts as word from its leader.',
      section: '§5.2',
      find: 'answer(heard, request, { success: false,',
      replace: 'answer(state, request, { success: false,',
    },
  ]),
];
