/** A simulated cluster whose servers are listened to, and told in sentences. */
import type { InspectionEvent } from 'xstate';
import type { ServerState } from '../../machines/rules/state.ts';
import { type FeedFact, feedFact } from '../../src/feed/feed-fact.ts';
import { startedFact } from '../../src/feed/outside.ts';
import { keyValue } from '../../src/kv/index.ts';
import {
  type SimulatedCluster,
  type SimulationOptions,
  simulate,
} from '../../src/simulation/index.ts';

export interface Followed {
  readonly cluster: ReturnType<typeof start>;
  readonly facts: FeedFact[];
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its state machine, it is followed.
export type AnyCluster = SimulatedCluster<any, any, any, any>;

function start(options: Partial<SimulationOptions> & { readonly seed: number }) {
  return simulate({ servers: 3, ...options, stateMachine: keyValue });
}

/** Everything that every server decides from its first step on, in the order of the decisions. */
export function follow(options: Partial<SimulationOptions> & { readonly seed: number }): Followed {
  const facts: FeedFact[] = [];
  const cluster = start({
    ...options,
    observer: {
      onEffect: (id, effect) => {
        if (effect.type === 'explain') facts.push(feedFact(id, effect.fact));
      },
    },
    inspect: (id, event: InspectionEvent) => {
      if (event.type !== '@xstate.snapshot' || event.event.type !== 'inspection.begun') return;
      if (event.actorRef.sessionId !== event.rootId) return;
      const { context } = event.snapshot as unknown as { readonly context: ServerState };
      facts.push(feedFact(id, startedFact(context)));
    },
  });
  return { cluster, facts };
}
