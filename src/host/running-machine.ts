/**
 * The server machine as a running actor: events go in and effects come out here and nowhere else.
 * What fails while it is told or carries something out ends it: `onFailed` stops the server.
 */
import type { Observable } from 'rxjs';
import { createActor, type InspectionEvent } from 'xstate';
import { randomizedDelays } from '../../machines/randomized-delays.ts';
import type { Effect } from '../../machines/rules/effects.ts';
import type { Fact } from '../../machines/rules/facts.ts';
import { Log } from '../../machines/rules/log.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { type ServerSnapshot, serverMachine } from '../../machines/server.ts';
import type { HostEvent } from '../../machines/vocabulary.ts';
import { compiled } from '../interpreter/interpreter.ts';
import type { Stored } from '../ports/storage.ts';
import type { HostOptions } from './host-options.ts';
import { explanations, factsOf, inspectionOf } from './inspection.ts';

/** What is done about each effect. */
export type EffectHandlers = {
  readonly [Type in Effect['type']]: (effect: Extract<Effect, { type: Type }>) => void;
};

export interface RunningMachineOptions
  extends Pick<
    HostOptions,
    | 'id'
    | 'parameters'
    | 'clock'
    | 'random'
    | 'machine'
    | 'interpreter'
    | 'observer'
    | 'isNewCluster'
  > {
  readonly effectHandlers: EffectHandlers;
  readonly onState: (snapshot: ServerSnapshot) => void;
  readonly onFailed: (error: unknown) => void;
}

export class RunningMachine {
  readonly inspect$: Observable<InspectionEvent>;
  readonly facts$: Observable<Fact>;
  readonly #options: RunningMachineOptions;
  readonly #actor;
  #state: ServerState;
  #isStopped = false;

  constructor(options: RunningMachineOptions, { base, entries, ...kept }: Stored) {
    const { id, parameters, clock, random, machine = serverMachine, observer } = options;
    const { interpreter = 'compiled' } = options;
    const delays = randomizedDelays(random, options.isNewCluster);
    this.#options = options;
    const stored = { ...kept, log: Log.from(base, entries) };
    const run =
      interpreter === 'compiled' ? compiled(machine, { delays }) : machine.provide({ delays });
    this.#actor = createActor(run, {
      // Who inspects from the start on misses nothing; who comes later begins there.
      input: { id, parameters, stored, isExplained: observer?.onInspection !== undefined },
      clock,
    });
    // XState keeps its input, and the first log shares its growing array with all that follow.
    stored.log = Log.from(base);
    this.#state = this.#actor.getSnapshot().context;
    const explained = explanations(this.#actor);
    this.inspect$ = inspectionOf(this.#actor, explained);
    this.facts$ = factsOf(this.#actor, explained);
  }

  /** As of the last event that the machine has handled. */
  get state(): ServerState {
    return this.#state;
  }

  get snapshot(): ServerSnapshot {
    return this.#actor.getSnapshot();
  }

  start(): void {
    const { observer, onFailed } = this.#options;
    if (observer?.onInspection !== undefined) this.inspect$.subscribe(observer.onInspection);
    this.#actor.on('*', (effect) => this.#carryOut(effect));
    this.#actor.subscribe({ next: (snapshot) => this.#observe(snapshot), error: onFailed });
    this.#actor.start();
  }

  send(event: HostEvent): void {
    if (this.#isStopped) return;
    try {
      this.#options.observer?.onEvent?.(event);
      this.#actor.send(event);
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  #observe(snapshot: ServerSnapshot): void {
    if (this.#isStopped) return;
    this.#state = snapshot.context;
    try {
      this.#options.observer?.onState?.(snapshot.context, snapshot);
    } catch (error) {
      this.#options.onFailed(error);
      return;
    }
    this.#options.onState(snapshot);
  }

  /** A listener that throws would let later effects run: the first failure stops the server. */
  #carryOut(effect: Effect): void {
    if (this.#isStopped) return;
    try {
      this.#options.observer?.onEffect?.(effect);
      (this.#options.effectHandlers[effect.type] as (effect: Effect) => void)(effect);
    } catch (error) {
      this.#options.onFailed(error);
    }
  }

  /** Nothing of it is observed afterwards, and it hears nothing. */
  stop(): void {
    this.#isStopped = true;
    this.#actor.stop();
  }
}
