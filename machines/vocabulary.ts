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
  | { readonly type: 'leadership.released' }
  | { readonly type: 'storage.persisted'; readonly number: number; readonly now: number }
  | ({ readonly type: 'chunk.stored' } & installSnapshot.StoredChunk)
  | { readonly type: 'chunk.rejected'; readonly snapshotId: string; readonly number: number }
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
const decided = <P = undefined>(rule: (state: ServerState, params: P) => Decision) =>
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
    for (const { follower, event } of decision.tells) enqueue.sendTo(follower, event);
  });

const asked =
  <P>(rule: (state: ServerState, params: P) => boolean) =>
  ({ context }: { context: ServerState }, params: P) =>
    rule(context, params);

export const server = base.extend({
  guards: {
    isMisaddressed: asked(terms.isMisaddressed),
    mayAdoptTerm: asked(terms.mayAdoptTerm),
    isRequestOfOlderTerm: asked(terms.isRequestOfOlderTerm),
    isStaleResponse: asked(terms.isStaleResponse),
    mayGrantVote: asked(requestVote.mayGrantVote),
    mayCampaign: asked(state.mayCampaign),
    mayTakeOver: asked(requestVote.mayTakeOver),
    wonElection: asked(requestVote.wonElection),
    logMatches: asked(appendEntries.logMatches),
    isSuperseded: asked(installSnapshot.isSuperseded),
    hearsFromPeer: asked(state.hearsFromPeer),
    hearsFromQuorum: asked(leadership.hearsFromQuorum),
    hasReads: asked(reads.hasReads),
    hasConfirmedReads: asked(reads.hasConfirmedReads),
    maySnapshot: asked(snapshots.maySnapshot),
  },
  actions: {
    adoptTerm: decided(terms.adoptTerm),
    admit: raise((_, message: Message) => message),
    refuseOlderTerm: decided(terms.refuseOlderTerm),

    grantVote: decided(requestVote.grantVote),
    refuseVote: decided(requestVote.refuseVote),
    answerPreVote: decided(requestVote.answerPreVote),
    beginPreVote: decided(requestVote.beginPreVote),
    countPreVote: decided(requestVote.countPreVote),
    beginVote: decided(requestVote.beginVote),
    countVote: decided(requestVote.countVote),
    countOwnVote: decided(requestVote.countOwnVote),
    endCampaign: decided(requestVote.endCampaign),
    takeOver: decided(requestVote.takeOver),

    acceptEntries: decided(appendEntries.acceptEntries),
    refuseEntries: decided(appendEntries.refuseEntries),
    forgetLeader: decided(termLeader.forgetLeader),
    assertOneLeader: decided(termLeader.assertOneLeader),
    answerSuperseded: decided(installSnapshot.answerSuperseded),
    receiveChunk: decided(installSnapshot.receiveChunk),
    noteChunkStored: decided(installSnapshot.noteChunkStored),
    rejectSnapshot: decided(installSnapshot.rejectSnapshot),

    becomeLeader: decided(leadership.becomeLeader),
    // Spawned ones do not stop with the state that spawned them.
    startReplication: enqueueActions(({ context, enqueue }) => {
      for (const input of replication.replicationInputs(context)) {
        enqueue.spawnChild('replication', { id: input.follower, input });
      }
    }),
    stopReplication: enqueueActions(({ context, enqueue }) => {
      for (const { id } of state.leadershipOf(context).followers) enqueue.stopChild(id);
    }),
    resign: decided(leadership.resign),
    noteQuorumCheck: decided(leadership.noteQuorumCheck),
    countOwnWrites: decided(leadership.countOwnWrites),
    handOver: decided(leadership.handOver),
    sendEntries: decided(replication.sendEntries),
    sendHeartbeat: decided(replication.sendHeartbeat),
    sendChunk: decided(replication.sendChunk),
    noteAppendEntriesResponse: decided(acknowledgements.noteAppendEntriesResponse),
    noteInstallSnapshotResponse: decided(acknowledgements.noteInstallSnapshotResponse),

    extendLog: decided(proposals.extendLog),
    refuseProposals: decided(proposals.refuseProposals),
    acceptReads: decided(reads.acceptReads),
    refuseReads: decided(reads.refuseReads),
    beginRound: decided(reads.beginRound),
    answerReads: decided(reads.answerReads),

    noteWrites: decided(writes.noteWrites),
    noteAppliedBatch: decided(snapshots.noteAppliedBatch),
    beginSnapshot: decided(snapshots.beginSnapshot),
    noteSnapshotTaken: decided(snapshots.noteSnapshotTaken),
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
