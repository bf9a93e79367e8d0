/**
 * Candidates (Figure 2, "Rules for Servers"; §5.2; thesis §9.6).
 *
 * A candidate asks first whether an election could be won (`preVote`): that disturbs nobody and
 * raises no term. Only then does it raise the term, vote for itself and ask for votes (`vote`). A
 * majority makes it leader; word from a leader of its term makes it a follower; a split vote, or no
 * answer, and it begins again after another randomised timeout. Meanwhile it asks again, at the pace of
 * heartbeats, whoever has not answered: requests and answers get lost (§5.1).
 */
import { withEvent } from './from-rule.ts';
import { server } from './vocabulary.ts';

const asking = server.createStateConfig({
  after: {
    retryInterval: { target: 'asking', reenter: true, actions: 'askAgain' }, // ↻ §5.1: the same again.
  },
});

export const candidate = server.createStateConfig({
  initial: 'preVote',
  exit: withEvent('endCampaign'),
  on: {
    // In a pre-vote it has not voted for anybody yet, not even for itself.
    RequestVote: {
      guard: withEvent('mayGrantVote'),
      target: 'follower',
      actions: withEvent('grantVote'),
    },
    // Somebody leads this term: become its follower, and hear what it says as one (§5.2).
    AppendEntries: { target: 'follower', actions: withEvent('raiseMessage') },
    InstallSnapshot: { target: 'follower', actions: withEvent('raiseMessage') },
  },
  states: {
    preVote: {
      entry: 'beginPreVote',
      initial: 'asking',
      states: { asking },
      on: {
        PreVoteResponse: { actions: withEvent('countPreVote') },
      },
      always: { guard: 'wonElection', target: 'vote' },
      after: { electionTimeout: { target: 'preVote', reenter: true } }, // ↻ Ask again.
    },
    vote: {
      entry: 'beginVote',
      initial: 'asking',
      states: { asking },
      on: {
        RequestVoteResponse: { actions: withEvent('countVote') },
        // Our own vote counts when our own disk has it, like any other (§5.2).
        'storage.persisted': {
          actions: [withEvent('recordWrites'), 'countOwnVote'],
        },
      },
      always: { guard: 'wonElection', target: '#server.leader' },
      after: { electionTimeout: 'preVote' }, // A split vote: another election (§5.2).
    },
  },
});
