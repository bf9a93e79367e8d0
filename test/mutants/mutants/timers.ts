/** Timers that are restarted where they must not be, and the other way round (§5.2; thesis §4.2.3). */
import { mutantsOf } from '../rows.ts';

const follower = { file: 'machines/follower.ts', test: 'test/architecture/timer-arrows.test.ts' };
const candidate = { file: 'machines/candidate.ts', test: 'test/machines/election.test.ts' };
const gate = { file: 'machines/server.ts', test: 'test/architecture/timer-arrows.test.ts' };
const replication = {
  file: 'machines/replication.ts',
  test: 'test/machines/replication.test.ts',
};

export const restartedTimers = [
  ...mutantsOf(follower, [
    {
      id: 'learner-timer-not-restarted',
      rule: 'A server that may not campaign keeps waiting.',
      section: 'thesis §4.2.1',
      find: "{ target: 'waiting', reenter: true }, // ↻",
      replace: "{ actions: 'forgetLeader' }, // ↻",
    },
    {
      id: 'vote-restarts-no-timer',
      rule: 'Granting a vote restarts the election timer.',
      section: '§5.2',
      find: "target: '.waiting', // ↻ §5.2: granting a vote restarts the election timer.",
      replace: '',
    },
    {
      id: 'entries-restart-no-timer',
      rule: 'Word from the leader restarts the election timer.',
      section: '§5.2',
      find: "target: '.following', // ↻ §5.2: word from the current leader.",
      replace: '',
    },
    {
      id: 'refused-entries-restart-no-timer',
      rule: "A leader's message restarts the election timer even where it is refused.",
      section: '§5.2',
      find: "target: '.following', // ↻ A refusal too: its leader lives.",
      replace: '',
    },
    {
      id: 'superseded-snapshot-restarts-no-timer',
      rule: 'A chunk that is not needed counts as word from the leader.',
      section: '§7',
      find: "target: '.following', // ↻ §7: word from the leader, needed or not.",
      replace: '',
    },
    {
      id: 'chunk-restarts-no-timer',
      rule: 'A chunk counts as word from the leader.',
      section: '§7',
      find: "target: '.following', // ↻ What becomes of the chunk is said in `server.ts`.\n",
      replace: '',
    },
    {
      id: 'silence-is-not-noticed',
      rule: 'A leader counts as heard from for the minimum election timeout after its last message.',
      section: 'thesis §4.2.3',
      test: 'test/machines/follower.test.ts',
      find: "target: 'suspecting',\n          actions: withEvent('forgetLeader'),",
      replace: "target: 'suspecting',",
    },
    {
      id: 'whole-timeout-after-doubt',
      rule: 'A suspecting follower waits for the rest of the timeout, not for a whole one.',
      section: '§5.2',
      test: 'test/machines/follower.test.ts',
      find: "suspecting: {\n      after: {\n        electionTimeoutRest: [\n          { guard: 'mayCampaign', target: '#server.candidate' },\n          { target: 'waiting' },",
      replace:
        "suspecting: {\n      after: {\n        electionTimeoutRest: [\n          { target: 'waiting' },",
    },
    {
      id: 'lost-connection-ignored',
      rule: 'A lost connection to the leader shortens the wait.',
      section: 'design §3',
      test: 'test/machines/follower.test.ts',
      find: "target: 'disconnected',\n          actions: withEvent('forgetLeader'),",
      replace: '',
    },
  ]),
  ...mutantsOf(gate, [
    {
      id: 'refused-vote-restarts-the-timer',
      rule: 'A vote that is refused restarts nobody’s election timer.',
      section: '§5.2',
      find: "RequestVote: { actions: withEvent('refuseVote')",
      replace: "RequestVote: { target: '.follower', actions: withEvent('refuseVote')",
    },
    {
      id: 'old-leader-restarts-the-timer',
      rule: 'A message of an older term restarts nobody’s election timer.',
      section: '§5.1',
      find: "actions: withMessage('refuseOlderTerm')",
      replace: "target: '.follower', actions: withMessage('refuseOlderTerm')",
    },
    {
      id: 'late-answer-restarts-the-timer',
      rule: 'An answer that comes too late restarts nobody’s election timer.',
      section: '§5.1',
      find: "{ guard: withMessage('isStaleResponse'), actions: withMessage('ignoreResponse') },",
      replace: "{ guard: withMessage('isStaleResponse'), target: '.follower' },",
    },
    {
      id: 'any-lost-connection-deposes',
      rule: 'A lost connection to any other server changes nothing.',
      section: 'design §3',
      find: "'connection.lost': {}, // Swallowed",
      replace: "'connection.lost': { target: '.follower' }, // Swallowed",
    },
  ]),
  ...mutantsOf(candidate, [
    {
      id: 'pre-vote-asked-once',
      rule: 'A candidate that gets no answer asks again.',
      section: 'thesis §9.6',
      find: "after: { electionTimeout: { target: 'preVote', reenter: true } }, // ↻ Ask again.",
      replace: '',
    },
    {
      id: 'lost-requests-stay-lost',
      rule: 'A candidate asks again whoever has not answered, time and again.',
      section: '§5.1',
      find: "target: 'asking', reenter: true, actions: 'askAgain'",
      replace: "actions: 'askAgain'",
      test: 'test/machines/asking-again.test.ts',
    },
    {
      id: 'split-vote-is-final',
      rule: 'After a split vote there is another election.',
      section: '§5.2',
      find: "after: { electionTimeout: 'preVote' }, // A split vote",
      replace: 'after: { electionTimeout: {} }, // A split vote',
    },
    {
      id: 'candidate-ignores-the-leader',
      rule: 'A candidate that hears from a leader of its term follows it.',
      section: '§5.2',
      find: "AppendEntries: { target: 'follower', actions: withEvent('raiseMessage') },",
      replace: 'AppendEntries: {},',
    },
    {
      id: 'candidate-ignores-chunks',
      rule: 'A candidate that is sent a snapshot by a leader of its term follows it.',
      section: '§5.2',
      find: "InstallSnapshot: { target: 'follower', actions: withEvent('raiseMessage') },",
      replace: 'InstallSnapshot: {},',
    },
    {
      id: 'campaign-never-ends',
      rule: 'A candidate’s state ends with its campaign.',
      section: 'Figure 2',
      find: "exit: withEvent('endCampaign'),",
      replace: '',
    },
  ]),
  ...mutantsOf({ file: 'machines/leader.ts', test: 'test/machines/leader.test.ts' }, [
    {
      id: 'quorum-checked-once',
      rule: 'A leader repeatedly checks whether a majority answers it.',
      section: 'thesis §6.2',
      find: 'reenter: true, // ↻ thesis §6.2',
      replace: '// thesis §6.2',
    },
    {
      id: 'quorum-check-forgets-nothing',
      rule: 'Each check counts only answers since the last one.',
      section: 'thesis §6.2',
      find: "            actions: 'recordQuorumCheck',\n",
      replace: '',
    },
    {
      id: 'replication-outlives-leadership',
      rule: 'Replication actors live only while their server leads.',
      section: 'design §3',
      find: "exit: ['stopReplication', withEvent('resign')],",
      replace: "exit: [withEvent('resign')],",
    },
  ]),
  ...mutantsOf(replication, [
    {
      id: 'one-heartbeat-only',
      rule: 'Heartbeats are repeated.',
      section: '§5.2',
      find: 'reenter: true, // ↻ §5.2',
      replace: '// ↻ §5.2',
    },
    {
      id: 'heartbeat-besides-a-round',
      rule: 'A round of heartbeats restarts the heartbeat timer.',
      section: '§8',
      find: "'round.begun': { target: 'sendingHeartbeats', reenter: true, actions",
      replace: "'round.begun': { actions",
    },
    {
      id: 'round-without-heartbeats',
      rule: 'A round asks every follower at once.',
      section: 'thesis §6.4',
      find: "'round.begun': { target: 'sendingHeartbeats', reenter: true, actions: 'askForHeartbeat' },",
      replace: "'round.begun': { target: 'sendingHeartbeats', reenter: true },",
    },
    {
      id: 'chunk-never-repeated',
      rule: 'A chunk that is not answered is sent again.',
      section: 'Figure 13',
      find: "after: { chunkTimeout: 'repeating' },",
      replace: '',
    },
    {
      id: 'chunk-repeated-once',
      rule: 'A chunk is sent again until it is answered.',
      section: 'Figure 13',
      find: "after: { chunkTimeout: { target: 'repeating', reenter: true } }, // ↻",
      replace: '',
    },
    {
      id: 'probe-never-repeated-at-once',
      rule: 'A probe that is refused is repeated further back at once.',
      section: '§5.3',
      find: "target: 'probe', // ↻ At a position further back: ask again at once.\n        reenter: true,",
      replace: '',
    },
  ]),
];
