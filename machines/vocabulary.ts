/**
 * The server's vocabulary: events in, effects out, guards, actions and delays by name. Each is one
 * call of a rule; which state asks it when is said in `server.ts` and the three roles.
 */
import { enqueueActions, raise, setup } from 'xstate';
import { replicationMachine } from './replication.ts';
import * as acknowledgements from './rules/acknowledgements.ts';
import * as appendEntries from './rules/append-entries.ts';
import type { Decision } from './rules/decision.ts';
import type { Effect } from './rules/effects.ts';
import type { LogIndex, ServerId } from './rules/entries.ts';
import * as installSnapshot from './rules/install-snapshot.ts';
import * as leadership from './rules/leadership.ts';
import type { Message } from './rules/messages.ts';
import * as proposals from './rules/proposals.ts';
import * as reads from './rules/reads.ts';
import * as replication from './rules/replication.ts';
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
  | { readonly type: 'entries.applied'; readonly index: LogIndex };

/** What may be sent to a server: by its host, and by its replication actors. */
export type ServerEvent = HostEvent | replication.ReplicationRequest;

/** What its states handle: also the messages that its gate has admitted, which it raises itself. */
type HandledEvent = ServerEvent | Message;

/** What a server starts from: parameters and what its storage holds. */
export interface ServerInput {
  readonly id: ServerId;
  readonly parameters: state.ServerState['parameters'];
  readonly stored: Parameters<typeof state.initialState>[2];
}

const types = {
  context: {} as ServerState,
  events: {} as HandledEvent,
  emitted: {} as Effect,
  input: {} as ServerInput,
  children: {} as { [follower: string]: 'replication' },
};

const base = setup({ types, actors: { replication: replicationMachine } });

/** Carries out a rule's decision: the new state if it changed, the effects in order, the tells. */
const fromRule = <P = undefined>(rule: (state: ServerState, params: P) => Decision) =>
  enqueueActions<
    ServerState,
    HandledEvent,
    P,
    HandledEvent,
    { src: 'replication'; logic: typeof replicationMachine; id: string },
    never,
    never,
    never,
    Effect
  >(({ context, enqueue }, params) => {
    const decision = rule(context, params);
    if (decision.state !== context) enqueue.assign(decision.state);
    for (const effect of decision.effects) enqueue.emit(effect);
    for (const { follower, event } of decision.outgoing) enqueue.sendTo(follower, event);
  });

const guardFrom =
  <P>(rule: (state: ServerState, params: P) => boolean) =>
  ({ context }: { context: ServerState }, params: P) =>
    rule(context, params);

export const server = base.extend({
  guards: {
    isMisaddressed: guardFrom(terms.isMisaddressed),
    mayAdoptTerm: guardFrom(terms.mayAdoptTerm),
    isRequestOfOlderTerm: guardFrom(terms.isRequestOfOlderTerm),
    isStaleResponse: guardFrom(terms.isStaleResponse),
    mayGrantVote: guardFrom(requestVote.mayGrantVote),
    mayCampaign: guardFrom(state.mayCampaign),
    mayCampaignAtOnce: guardFrom(requestVote.mayCampaignAtOnce),
    wonElection: guardFrom(requestVote.wonElection),
    logMatches: guardFrom(appendEntries.logMatches),
    isSuperseded: guardFrom(installSnapshot.isSuperseded),
    hearsFromPeer: guardFrom(state.hearsFromPeer),
    hearsFromQuorum: guardFrom(leadership.hearsFromQuorum),
    hasReads: guardFrom(reads.hasReads),
    hasConfirmedReads: guardFrom(reads.hasConfirmedReads),
    maySnapshot: guardFrom(snapshots.maySnapshot),
  },
  actions: {
    adoptTerm: fromRule(terms.adoptTerm),
    raiseMessage: raise((_, message: Message) => message),
    refuseOlderTerm: fromRule(terms.refuseOlderTerm),

    grantVote: fromRule(requestVote.grantVote),
    refuseVote: fromRule(requestVote.refuseVote),
    answerPreVote: fromRule(requestVote.answerPreVote),
    beginPreVote: fromRule(requestVote.beginPreVote),
    countPreVote: fromRule(requestVote.countPreVote),
    beginVote: fromRule(requestVote.beginVote),
    countVote: fromRule(requestVote.countVote),
    countOwnVote: fromRule(requestVote.countOwnVote),
    endCampaign: fromRule(requestVote.endCampaign),
    campaignAtOnce: fromRule(requestVote.campaignAtOnce),

    acceptEntries: fromRule(appendEntries.acceptEntries),
    refuseEntries: fromRule(appendEntries.refuseEntries),
    forgetLeader: fromRule(termLeader.forgetLeader),
    assertOneLeader: fromRule(termLeader.assertOneLeader),
    answerSuperseded: fromRule(installSnapshot.answerSuperseded),
    receiveChunk: fromRule(installSnapshot.receiveChunk),
    recordChunkStored: fromRule(installSnapshot.recordChunkStored),
    rejectSnapshot: fromRule(installSnapshot.rejectSnapshot),

    becomeLeader: fromRule(leadership.becomeLeader),
    // Spawned ones do not stop with the state that spawned them.
    startReplication: enqueueActions(({ context, enqueue }) => {
      for (const input of replication.replicationInputs(context)) {
        enqueue.spawnChild('replication', { id: input.follower, input });
      }
    }),
    stopReplication: enqueueActions(({ context, enqueue }) => {
      for (const { id } of state.leadershipOf(context).followers) enqueue.stopChild(id);
    }),
    resign: fromRule(leadership.resign),
    recordQuorumCheck: fromRule(leadership.recordQuorumCheck),
    countOwnWrites: fromRule(leadership.countOwnWrites),
    transferLeadership: fromRule(leadership.transferLeadership),
    sendEntries: fromRule(replication.sendEntries),
    sendHeartbeat: fromRule(replication.sendHeartbeat),
    sendChunk: fromRule(replication.sendChunk),
    recordAppendEntriesResponse: fromRule(acknowledgements.recordAppendEntriesResponse),
    recordInstallSnapshotResponse: fromRule(acknowledgements.recordInstallSnapshotResponse),

    extendLog: fromRule(proposals.extendLog),
    refuseProposals: fromRule(proposals.refuseProposals),
    acceptReads: fromRule(reads.acceptReads),
    refuseReads: fromRule(reads.refuseReads),
    beginRound: fromRule(reads.beginRound),
    answerReads: fromRule(reads.answerReads),

    recordWrites: fromRule(writes.recordWrites),
    recordAppliedBatch: fromRule(snapshots.recordAppliedBatch),
    beginSnapshot: fromRule(snapshots.beginSnapshot),
    recordSnapshotTaken: fromRule(snapshots.recordSnapshotTaken),
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
  },
});
