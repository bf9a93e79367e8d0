/** Every rule, in Figure 2's order. */

export * from './acknowledgements.ts';
export * from './append-entries.ts';
export * from './commitment.ts';
export * from './configuration.ts';
export * from './decision.ts';
export * from './effects.ts';
export * from './entries.ts';
export * from './facts.ts';
export * from './install-snapshot.ts';
export * from './invariant.ts';
export * from './leadership.ts';
export * from './log.ts';
export * from './messages.ts';
export * from './parameters.ts';
export * from './progress.ts';
export * from './properties.ts';
export * from './proposals.ts';
export * from './quorum.ts';
export * from './reads.ts';
export * from './replication.ts';
export * from './replication-events.ts';
// The rules of a client's request have a state of their own, and names of their own.
export * as request from './request.ts';
export * from './request-vote.ts';
export * from './sessions.ts';
export * from './snapshots.ts';
export * from './state.ts';
export * from './term-leader.ts';
export * from './terms.ts';
export * from './unreliable.ts';
export * from './writes.ts';
