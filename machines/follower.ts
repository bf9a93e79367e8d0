/**
 * Followers (Figure 2, "Rules for Servers"; §5.2).
 *
 * A follower only answers. It becomes a candidate when a whole election timeout passes without word
 * from the current leader and without its granting a vote. What it believes of the leader is its
 * state; the arrows marked ↻ restart the election timer, and no others do.
 *
 * - `waiting`: for word of any leader, one whole election timeout long.
 * - `following`: the leader's last word is younger than the minimum election timeout, so votes are
 *   withheld (thesis §4.2.3).
 * - `suspecting`: the rest of the randomised timeout; whoever asks now may have our vote.
 * - `disconnected`: the connection to the leader is lost; a short wait, once per contact.
 */
import { server } from './vocabulary.ts';

export const follower = server.createStateConfig({
  initial: 'waiting',
  on: {
    // Already where a newer term would send us: adopt it and keep the timer running. (A vote asked
    // for while we hear from a leader teaches us nothing: `mayAdoptTerm` says no, and it is refused.)
    'rpc.received': {
      guard: { type: 'mayAdoptTerm', params: ({ event }) => event.message },
      actions: [
        { type: 'adoptTerm', params: ({ event }) => event.message },
        { type: 'raiseMessage', params: ({ event }) => event.message },
      ],
    },
    RequestVote: {
      guard: { type: 'mayGrantVote', params: ({ event }) => event },
      target: '.waiting', // ↻ §5.2: granting a vote restarts the election timer.
      actions: { type: 'grantVote', params: ({ event }) => event },
    },
    AppendEntries: [
      {
        guard: { type: 'logMatches', params: ({ event }) => event },
        target: '.following', // ↻ §5.2: word from the current leader.
        actions: { type: 'acceptEntries', params: ({ event }) => event },
      },
      {
        target: '.following', // ↻ A refusal too: its leader lives.
        actions: { type: 'refuseEntries', params: ({ event }) => event },
      },
    ],
    InstallSnapshot: [
      {
        guard: { type: 'isSuperseded', params: ({ event }) => event },
        target: '.following', // ↻ §7: "a valid RPC from the leader".
        actions: { type: 'answerSuperseded', params: ({ event }) => event },
      },
      {
        target: '.following', // ↻
        actions: { type: 'receiveChunk', params: ({ event }) => event },
      },
    ],
    TimeoutNow: {
      guard: { type: 'mayCampaignAtOnce', params: ({ event }) => event },
      target: 'candidate.vote',
      actions: 'campaignAtOnce',
    },
  },
  states: {
    waiting: {
      after: {
        electionTimeout: [
          { guard: 'mayCampaign', target: '#server.candidate' },
          { target: 'waiting', reenter: true }, // ↻ A learner waits on (thesis §4.2.1).
        ],
      },
    },
    following: {
      on: {
        'connection.lost': {
          guard: { type: 'hearsFromPeer', params: ({ event }) => event },
          target: 'disconnected',
          actions: 'forgetLeader',
        },
      },
      after: { electionTimeoutMin: { target: 'suspecting', actions: 'forgetLeader' } },
    },
    suspecting: {
      after: {
        electionTimeoutRest: [
          { guard: 'mayCampaign', target: '#server.candidate' },
          { target: 'waiting' },
        ],
      },
    },
    disconnected: {
      after: {
        lostLeaderWait: [
          { guard: 'mayCampaign', target: '#server.candidate' },
          { target: 'waiting' },
        ],
      },
    },
  },
});
