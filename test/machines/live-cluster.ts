/**
 * A few server machines as live actors on one virtual clock: disks that are always quick, messages
 * that take a millisecond. No host and no simulation: what is seen is the machines' own doing.
 */
import { createActor } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { Entry, ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { roleOf, type ServerMachine, serverMachine } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { clusterOf, type Given, serverOf } from '../rules/states.ts';

export interface LiveOptions {
  readonly ids?: readonly ServerId[];
  readonly parameters?: NonNullable<Given['parameters']>;
  /** Put other actors, actions or delays into the machine, knowing the clock they live by. */
  readonly machine?: (clock: VirtualClock) => ServerMachine;
  /** Says which messages are lost. */
  readonly isLost?: (message: Message) => boolean;
}

export function liveCluster({
  ids = ['a', 'b', 'c'],
  parameters = {},
  machine,
  isLost,
}: LiveOptions = {}) {
  const clock = new VirtualClock();
  const sent: Message[] = [];
  const warnings: string[] = [];
  const errors: unknown[] = [];
  const applied = new Map<ServerId, Entry[]>(ids.map((id) => [id, []]));
  const base = machine?.(clock) ?? serverMachine;

  const servers = new Map(
    ids.map((id, place) => {
      // Election timeouts apart, so that the first server is the first to ask.
      const delays = { electionTimeout: 300 + 150 * place, electionTimeoutRest: 1 + 150 * place };
      const state = serverOf({ id, parameters, configuration: clusterOf(...ids) });
      const { log } = state;
      const stored = {
        term: 0,
        votedFor: null,
        commitIndex: 0,
        log,
        snapshot: null,
        lastWriteId: 0,
      };
      const actor = createActor(base.provide({ delays }), {
        input: { id, parameters: state.parameters, stored },
        clock,
      });
      actor.on('*', (effect) => carryOut(id, effect));
      actor.subscribe({ error: (error) => errors.push(error) });
      return [id, actor] as const;
    }),
  );

  const serverAt = (id: ServerId) => {
    const found = servers.get(id);
    if (found === undefined) throw new Error(`there is no server ${id}`);
    return found;
  };
  const tell = (id: ServerId, event: HostEvent) => serverAt(id).send(event);
  const soon = (id: ServerId, event: HostEvent, delayMs = 0) =>
    clock.setTimeout(() => tell(id, event), delayMs);

  function carryOut(id: ServerId, effect: Effect): void {
    if (effect.type === 'warn') warnings.push(effect.message);
    if (effect.type === 'persist') {
      soon(id, { type: 'storage.persisted', writeId: effect.writeId, now: clock.now() });
    }
    if (effect.type === 'apply') applied.get(id)?.push(...effect.entries);
    if (effect.type === 'send') {
      const { message } = effect;
      sent.push(message);
      // Writes are durable within the millisecond that a message takes.
      if (!isLost?.(message)) soon(message.to, { type: 'rpc.received', message }, 1);
    }
  }

  for (const actor of servers.values()) actor.start();
  return {
    clock,
    sent,
    warnings,
    errors,
    serverAt,
    appliedAt: (id: ServerId) => applied.get(id) ?? [],
    stateOf: (id: ServerId) => serverAt(id).getSnapshot().context,
    leader: () => ids.find((id) => roleOf(serverAt(id).getSnapshot()) === 'leader') ?? null,
    run(forMs: number): void {
      const until = clock.now() + forMs;
      while (clock.fireNext(until));
      clock.advanceTo(until);
    },
    propose(id: ServerId, count: number): void {
      const bytes = new Uint8Array(2);
      const proposals = Array.from({ length: count }, () => ({ type: 'command', bytes }) as const);
      tell(id, { type: 'client.proposed', batch: 1, now: clock.now(), proposals });
    },
    query: (id: ServerId, reads: readonly number[]) => tell(id, { type: 'client.queried', reads }),
  };
}

export type LiveCluster = ReturnType<typeof liveCluster>;
