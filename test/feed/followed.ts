/** A simulated cluster whose steps are followed, and told in sentences. */
import type { InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import { roleOf, type ServerSnapshot } from '../../machines/server.ts';
import { type Happening, happeningsOf } from '../../src/feed/happenings.ts';
import type { StepEvent } from '../../src/feed/step.ts';
import { keyValue } from '../../src/kv/index.ts';
import {
  type SimulatedCluster,
  type SimulationOptions,
  simulate,
} from '../../src/simulation/index.ts';

export interface Followed {
  readonly cluster: ReturnType<typeof start>;
  readonly happenings: Happening[];
}

// biome-ignore lint/suspicious/noExplicitAny: whatever its state machine, it is followed.
export type AnyCluster = SimulatedCluster<any, any, any, any>;

function start(options: Partial<SimulationOptions> & { readonly seed: number }) {
  return simulate({ servers: 3, ...options, stateMachine: keyValue });
}

/** Every step of every server from the first on, as happenings in the order of the steps. */
export function follow(options: Partial<SimulationOptions> & { readonly seed: number }): Followed {
  const happenings: Happening[] = [];
  const known = new Map<ServerId, ServerSnapshot>();
  const effects = new Map<ServerId, Effect[]>();

  const noteStep = (server: ServerId, event: StepEvent, after: ServerSnapshot) => {
    if (event.type === ('inspection.begun' as string)) known.delete(server);
    const before = known.get(server);
    known.set(server, after);
    const step = {
      server,
      event,
      before: before?.context ?? null,
      after: after.context,
      roleBefore: roleOf(before ?? after),
      role: roleOf(after),
      effects: effects.get(server) ?? [],
    };
    effects.delete(server);
    happenings.push(...happeningsOf(step));
  };

  const cluster = start({
    ...options,
    observer: {
      onEffect: (id, effect) => void effects.set(id, [...(effects.get(id) ?? []), effect]),
    },
    inspect: (id, event: InspectionEvent) => {
      const isOfServer = event.actorRef.sessionId === event.rootId;
      if (event.type !== '@xstate.snapshot' || !isOfServer) return;
      noteStep(id, event.event as StepEvent, event.snapshot as ServerSnapshot);
    },
  });
  return { cluster, happenings };
}
