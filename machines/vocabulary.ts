/**
 * The server's vocabulary: events in, effects out, guards, actions and delays by name. Each is one
 * call of a rule; which state asks it when is said in `server.ts` and the three roles.
 */
import { enqueueActions, raise, setup } from 'xstate';
import { fromRule } from './from-rule.ts';
import { replicationMachine } from './replication.ts';
import * as acknowledgements from './rules/acknowledgements.ts';
import * as appendEntries from './rules/append-entries.ts';
import * as campaignRequests from './rules/campaign-requests.ts';
import { type Decision, explain } from './rules/decision.ts';
import type { Effect } from './rules/effects.ts';
import type { LogIndex, ServerId } from './rules/entries.ts';
import * as installSnapshot from './rules/install-snapshot.ts';
import * as leadership from './rules/leadership.ts';
import { type InstallSnapshot, MESSAGE_TYPES, type Message } from './rules/messages.ts';
import { quorumCheckIntervalMs } from './rules/parameters.ts';
import * as proposals from './rules/proposals.ts';
import * as reads from './rules/reads.ts';
import * as replication from './rules/replication.ts';
import type { ReplicationRequest } from './rules/replication-events.ts';
import * as requestVote from './rules/request-vote.ts';
import * as snapshots from './rules/snapshots.ts';
import * as state from './rules/state.ts';
import * as termLeader from './rules/term-leader.ts';
import * as terms from './rules/terms.ts';
import * as writes from './rules/writes.ts';

type ServerState = state.ServerState;

/** What a host tells its server. */
export type HostEvent =
  | { readonly type: 'rpc.received'; readonly message: Message }
  | { readonly type: 'connection.lost'; readonly peer: ServerId }
  | ({ readonly type: 'client.proposed' } & proposals.ProposedBatch)
  | ({ readonly type: 'client.queried' } & reads.QueriedBatch)
  | { readonly type: 'leadershipTransfer.requested' }
  | { readonly type: 'storage.persisted'; readonly writeId: number; readonly now: number }
  | ({ readonly type: 'chunk.stored' } & installSnapshot.StoredChunk)
  | { readonly type: 'chunk.rejected'; readonly snapshotId: string; readonly requestId: number }
  | { readonly type: 'snapshot.wanted' }
  | { readonly type: 'snapshot.taken'; readonly snapshot: state.SnapshotPointer }
  | { readonly type: 'entries.applied'; readonly index: LogIndex }
  /** Somebody listens to the facts behind decisions from now on, or nobody does any more. */
  | { readonly type: 'explanation.wanted'; readonly isWanted: boolean };

/** What may be sent to a server: by its host, and by its replication actors. */
export type ServerEvent = HostEvent | ReplicationRequest;

/** What it raises itself: messages that its gate has admitted, and chunks of the snapshot that arrives. */
type InternalEvent =
  | Message
  | ({ readonly type: 'chunk.received' } & installSnapshot.ReceivedChunk);

/** The types of what it raises itself. */
export const INTERNAL_EVENTS = [...MESSAGE_TYPES, 'chunk.received'] as const;

/** What a server starts from: parameters and what its storage holds. */
export interface ServerInput {
  readonly id: ServerId;
  readonly parameters: state.ServerState['parameters'];
  readonly stored: Parameters<typeof state.initialState>[2];
  /** Whether facts are recorded from the first event on; by default nobody listens. */
  readonly isExplained?: boolean;
}

const types = {
  context: {} as ServerState,
  events: {} as ServerEvent | InternalEvent,
  emitted: {} as Effect,
  input: {} as ServerInput,
  children: {} as { [follower: string]: 'replication' },
};

const base = setup({ types, actors: { replication: replicationMachine } });

/** What an action is given: the state, and where it enqueues what is to be done. */
type ActionArguments = Parameters<Parameters<typeof base.enqueueActions>[0]>[0];

/** Carries out what a rule decides: the new state if it changed, effects, messages to actors. */
const carryOut = <Params = undefined>(rule: (state: ServerState, params: Params) => Decision) =>
  enqueueActions(({ context, enqueue }: ActionArguments, params: Params) => {
    const decision = rule(context, params);
    if (decision.state !== context) {
      const next = state.writtenOut(decision.state);
      enqueue.assign(() => next);
    }
    for (const effect of decision.effects) enqueue.emit(effect);
    for (const { follower, event } of decision.outgoing) enqueue.sendTo(follower, event);
  });

export const server = base.extend({
  guards: {
    isMisaddressed: fromRule(terms.isMisaddressed),
    mayAdoptTerm: fromRule(terms.mayAdoptTerm),
    isRequestOfOlderTerm: fromRule(terms.isRequestOfOlderTerm),
    isStaleResponse: fromRule(terms.isStaleResponse),
    mayGrantVote: fromRule(requestVote.mayGrantVote),
    mayCampaign: fromRule(state.mayCampaign),
    mayCampaignAtOnce: fromRule(requestVote.mayCampaignAtOnce),
    wonElection: fromRule(requestVote.wonElection),
    logMatches: fromRule(appendEntries.logMatches),
    isSuperseded: fromRule(installSnapshot.isSuperseded),
    isStoringChunk: fromRule(installSnapshot.isStoringChunk),
    isNextChunk: fromRule(installSnapshot.isNextChunk),
    isBeingStored: fromRule(installSnapshot.isBeingStored),
    completesSnapshot: fromRule(installSnapshot.completesSnapshot),
    hearsFromPeer: fromRule(state.hearsFromPeer),
    hearsFromQuorum: fromRule(leadership.hearsFromQuorum),
    hasReads: fromRule(reads.hasReads),
    hasConfirmedReads: fromRule(reads.hasConfirmedReads),
    maySnapshot: fromRule(snapshots.maySnapshot),
  },
  actions: {
    adoptTerm: carryOut(terms.adoptTerm),
    raiseMessage: raise((_, message: Message) => message),
    refuseOlderTerm: carryOut(terms.refuseOlderTerm),
    ignoreResponse: carryOut(terms.ignoreResponse),

    grantVote: carryOut(requestVote.grantVote),
    refuseVote: carryOut(requestVote.refuseVote),
    answerPreVote: carryOut(requestVote.answerPreVote),
    beginPreVote: carryOut(requestVote.beginPreVote),
    countPreVote: carryOut(requestVote.countPreVote),
    beginVote: carryOut(requestVote.beginVote),
    askAgain: carryOut(campaignRequests.askAgain),
    countVote: carryOut(requestVote.countVote),
    countOwnVote: carryOut(requestVote.countOwnVote),
    endCampaign: carryOut(requestVote.endCampaign),
    campaignAtOnce: carryOut(requestVote.campaignAtOnce),

    acceptEntries: carryOut(appendEntries.acceptEntries),
    refuseEntries: carryOut(appendEntries.refuseEntries),
    forgetLeader: carryOut(termLeader.forgetLeader),
    assertOneLeader: carryOut(termLeader.assertOneLeader),
    answerSuperseded: carryOut(installSnapshot.answerSuperseded),
    joinTransfer: carryOut(installSnapshot.joinTransfer),
    raiseChunk: raise((_, chunk: InstallSnapshot) => ({ ...chunk, type: 'chunk.received' })),
    storeChunk: carryOut(installSnapshot.storeChunk),
    answerNextOffset: carryOut(installSnapshot.answerNextOffset),
    recordChunkStored: carryOut(installSnapshot.recordChunkStored),
    installSnapshot: carryOut(installSnapshot.installSnapshot),
    rejectSnapshot: carryOut(installSnapshot.rejectSnapshot),

    becomeLeader: carryOut(leadership.becomeLeader),
    // Spawned ones do not stop with the state that spawned them.
    startReplication: enqueueActions(({ context, enqueue }) => {
      for (const input of replication.replicationInputs(context)) {
        enqueue.spawnChild('replication', { id: input.follower, input });
      }
    }),
    stopReplication: enqueueActions(({ context, enqueue }) => {
      for (const { id } of state.leadershipOf(context).followers) enqueue.stopChild(id);
    }),
    resign: carryOut(leadership.resign),
    recordQuorumCheck: carryOut(leadership.recordQuorumCheck),
    countOwnWrites: carryOut(leadership.countOwnWrites),
    transferLeadership: carryOut(leadership.transferLeadership),
    sendEntries: carryOut(replication.sendEntries),
    sendHeartbeat: carryOut(replication.sendHeartbeat),
    sendChunk: carryOut(replication.sendChunk),
    recordAppendEntriesResponse: carryOut(acknowledgements.recordAppendEntriesResponse),
    recordInstallSnapshotResponse: carryOut(acknowledgements.recordInstallSnapshotResponse),

    extendLog: carryOut(proposals.extendLog),
    refuseProposals: carryOut(proposals.refuseProposals),
    acceptReads: carryOut(reads.acceptReads),
    refuseReads: carryOut(reads.refuseReads),
    beginRound: carryOut(reads.beginRound),
    answerReads: carryOut(reads.answerReads),

    explain: carryOut(explain),
    recordWrites: carryOut(writes.recordWrites),
    recordAppliedBatch: carryOut(snapshots.recordAppliedBatch),
    beginSnapshot: carryOut(snapshots.beginSnapshot),
    recordSnapshotTaken: carryOut(snapshots.recordSnapshotTaken),
  },
  // Without chance, for tests and for reading; a host provides `randomizedDelays` (§5.2).
  delays: {
    electionTimeout: ({ context }) => context.parameters.timing.electionTimeoutMaxMs,
    electionTimeoutMin: ({ context }) => context.parameters.timing.electionTimeoutMinMs,
    electionTimeoutRest: ({ context }) => {
      const { electionTimeoutMinMs, electionTimeoutMaxMs } = context.parameters.timing;
      return electionTimeoutMaxMs - electionTimeoutMinMs;
    },
    lostLeaderWait: ({ context }) => context.parameters.timing.lostLeaderWaitMaxMs,
    retryInterval: ({ context }) => context.parameters.timing.heartbeatIntervalMs,
    quorumCheckInterval: ({ context }) => quorumCheckIntervalMs(context.parameters.timing),
  },
});
