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
import { withEvent, withMessage } from './from-rule.ts';
import { server } from './vocabulary.ts';

export const follower = server.createStateConfig({
  initial: 'waiting',
  on: {
    // Already where a newer term would send us: adopt it and keep the timer running. (A vote asked
    // for while we hear from a leader teaches us nothing: `mayAdoptTerm` says no, and it is refused.)
    'rpc.received': {
      guard: withMessage('mayAdoptTerm'),
      actions: [withMessage('adoptTerm'), withMessage('raiseMessage')],
    },
    RequestVote: {
      guard: withEvent('mayGrantVote'),
      target: '.waiting', // ↻ §5.2: granting a vote restarts the election timer.
      actions: withEvent('grantVote'),
    },
    AppendEntries: [
      {
        guard: withEvent('logMatches'),
        target: '.following', // ↻ §5.2: word from the current leader.
        actions: withEvent('acceptEntries'),
      },
      {
        target: '.following', // ↻ A refusal too: its leader lives.
        actions: withEvent('refuseEntries'),
      },
    ],
    InstallSnapshot: [
      {
        guard: withEvent('isSuperseded'),
        target: '.following', // ↻ §7: word from the leader, needed or not.
        actions: withEvent('answerSuperseded'),
      },
      {
        target: '.following', // ↻ What becomes of the chunk is said in `server.ts`.
        actions: [withEvent('joinTransfer'), withEvent('raiseChunk')],
      },
    ],
    TimeoutNow: {
      guard: withEvent('mayCampaignAtOnce'),
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
          guard: withEvent('hearsFromPeer'),
          target: 'disconnected',
          actions: withEvent('forgetLeader'),
        },
      },
      after: {
        electionTimeoutMin: {
          target: 'suspecting',
          actions: withEvent('forgetLeader'),
        },
      },
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
