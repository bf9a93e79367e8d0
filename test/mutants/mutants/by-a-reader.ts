/** Mutants by somebody who had read the paper and machines/, and not the tests. */
import type { Mutant } from '../mutant.ts';

export const byAReader: readonly Mutant[] = [
  {
    id: 'reader-truncated-configuration-returns',
    rule: 'A truncated configuration is gone, also when another entry takes its index.',
    section: '§6',
    change: {
      file: 'machines/rules/log.ts',
      find: '(change) => change.index < from',
      replace: '(change) => change.index <= from',
    },
    killer: { test: 'test/rules/log.test.ts' },
  },
  {
    id: 'reader-base-has-the-latest-configuration',
    rule: 'The base holds the configuration as of its own index, not the latest in the log.',
    section: '§6, §7',
    change: {
      file: 'machines/rules/log.ts',
      find: 'const configuration = this.configurationAt(index);',
      replace: 'const configuration = this.configuration;',
    },
    killer: { test: 'test/rules/log.test.ts' },
  },
  {
    id: 'reader-base-has-the-latest-settings',
    rule: 'The base holds the settings as of its own index, not the latest in the log.',
    section: '§7; thesis §6.3',
    change: {
      file: 'machines/rules/log.ts',
      find: 'settings: this.settingsAt(index) }',
      replace: 'settings: this.settingsAt(this.lastIndex) }',
    },
    killer: { test: 'test/rules/log.test.ts' },
  },
  {
    id: 'reader-another-chunk-was-stored',
    rule: 'Only the chunk that is being stored moves the transfer on, not one from before it.',
    section: 'Figure 13',
    change: {
      file: 'machines/rules/install-snapshot.ts',
      find: 'incoming.storing === chunk.requestId',
      replace: 'incoming.storing !== null',
    },
    killer: { test: 'test/rules/install-snapshot.test.ts' },
  },
  {
    id: 'reader-transfer-of-an-older-term-goes-on',
    rule: 'A leader elected again in a newer term starts its transfer anew.',
    section: 'design §12',
    change: {
      file: 'machines/rules/install-snapshot.ts',
      find: 'incoming.from === from && incoming.term === term',
      replace: 'incoming.from === from',
    },
    killer: { test: 'test/rules/install-snapshot.test.ts' },
  },
  {
    id: 'reader-committed-meanwhile-and-installed',
    rule: 'A snapshot whose last entry was committed while it arrived is not installed.',
    section: '§7; design §12',
    change: {
      file: 'machines/rules/install-snapshot.ts',
      find: 'if (snapshot.index <= state.commitIndex) return',
      replace: 'if (snapshot.index < state.commitIndex) return',
    },
    killer: { test: 'test/rules/install-snapshot.test.ts' },
  },
  {
    id: 'reader-superseded-chunk-is-no-word',
    rule: 'A chunk of a superseded snapshot counts as word from the leader, too.',
    section: '§7; thesis §4.2.3',
    change: {
      file: 'machines/rules/install-snapshot.ts',
      find: 'sizeBytes } = request.snapshot;\n  const heard = hearLeader(state, request);',
      replace: 'sizeBytes } = request.snapshot;\n  const heard = state;',
    },
    killer: { test: 'test/rules/install-snapshot.test.ts' },
  },
  {
    id: 'reader-refused-append-is-no-word',
    rule: 'We hear from a leader even if our log refuses its entries, and withhold our vote.',
    section: 'thesis §4.2.3',
    change: {
      file: 'machines/rules/append-entries.ts',
      find: `const heard = hearLeader(state, request);
  const refused = answer(heard`,
      replace: `const heard = state;
  const refused = answer(heard`,
    },
    killer: { test: 'test/rules/append-entries.test.ts' },
  },
  {
    id: 'reader-hand-over-lasts-for-elections',
    rule: 'A leadership transfer works once: the election after a split vote is an ordinary one.',
    section: 'thesis §3.10, §4.2.3',
    change: {
      file: 'machines/rules/request-vote.ts',
      find: `writeId: 0,
    isLeadershipTransfer: false,`,
      replace: `writeId: 0,
    isLeadershipTransfer: state.campaign?.isLeadershipTransfer ?? false,`,
    },
    killer: { test: 'test/rules/request-vote.test.ts' },
  },
  {
    id: 'reader-hand-over-comes-late',
    rule: 'A leadership transfer works only while its sender is heard from, not long after.',
    section: 'thesis §3.10; design §7',
    change: {
      file: 'machines/rules/request-vote.ts',
      find: 'return state.heardLeader === request.from && isVoter',
      replace: 'return (state.heardLeader ?? request.from) === request.from && isVoter',
    },
    killer: { test: 'test/rules/request-vote.test.ts' },
  },
  {
    id: 'reader-session-is-full-of-what-it-saw',
    rule: 'A command makes room in its session by declaring which answers were received.',
    section: 'thesis §6.3; design §13',
    change: {
      file: 'machines/rules/sessions.ts',
      find: 'const outstanding = unanswered(session, command.firstUnanswered);',
      replace: 'const outstanding = session.answers;',
    },
    killer: { test: 'test/rules/sessions.test.ts' },
  },
  {
    id: 'reader-redirect-clears-doubt',
    rule: 'A redirect concerns only its own attempt: an earlier one may have been applied.',
    section: '§8; thesis §6.3',
    change: {
      file: 'machines/rules/request.ts',
      find: "redirects, error: 'redirected' }",
      replace: "redirects, error: 'redirected', mayHaveBeenApplied: false }",
    },
    killer: { test: 'test/machines/request.test.ts' },
  },
  {
    id: 'reader-doubt-survives-its-request',
    rule: 'Doubt about one request says nothing about the next.',
    section: '§8',
    change: {
      file: 'machines/rules/request.ts',
      find: '...state, ...initialRequestState, request, leader }',
      replace:
        '...state, ...initialRequestState, mayHaveBeenApplied: state.mayHaveBeenApplied, request, leader }',
    },
    killer: { test: 'test/machines/request.test.ts' },
  },
  {
    id: 'reader-candidate-drops-the-chunk',
    rule: 'A candidate that receives a leader’s chunk becomes its follower, and accepts the chunk.',
    section: '§5.2; Figure 13',
    change: {
      file: 'machines/candidate.ts',
      find: "InstallSnapshot: { target: 'follower', actions: withEvent('raiseMessage') },",
      replace: "InstallSnapshot: { target: 'follower' },",
    },
    killer: { test: 'test/machines/election.test.ts' },
  },
  {
    id: 'reader-deposed-leader-may-not-return',
    rule: 'If the leader we hear from itself asks for a vote, the vote is decided, not withheld.',
    section: 'thesis §4.2.3; design §3',
    change: {
      file: 'machines/rules/terms.ts',
      find: ' || message.isLeadershipTransfer || message.from === state.heardLeader',
      replace: ' || message.isLeadershipTransfer',
    },
    killer: { test: 'test/rules/terms.test.ts' },
  },
  {
    id: 'reader-fence-goes-back',
    rule: 'A late copy that declares fewer answers received does not lower its session’s fence.',
    section: 'thesis §6.3; design §13',
    change: {
      file: 'machines/rules/sessions.ts',
      find: 'firstUnanswered: Math.max(session.firstUnanswered, command.firstUnanswered)',
      replace: 'firstUnanswered: command.firstUnanswered',
    },
    killer: { test: 'test/rules/sessions.test.ts' },
  },
  {
    id: 'reader-joining-voter-has-no-vote',
    rule: 'A server that votes in either list of a joint configuration is a voter.',
    section: '§6',
    change: {
      file: 'machines/rules/configuration.ts',
      find: 'configuration.next !== null && votesIn(configuration.next)',
      replace: 'false',
    },
    killer: { test: 'test/rules/quorum.test.ts' },
  },
];
