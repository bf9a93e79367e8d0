/** Somebody's own actors as something to look at: any number of systems, for as long as they live. */
import { pid } from 'node:process';
import type { AnyActorRef, InspectionEvent } from 'xstate';
import { machineNames } from './machine-names.ts';
import type { InspectionSource, SourceListener } from './page-connection.ts';

/** Some programs start actors without end and stop none: the oldest are forgotten then. */
const PRESENT_MAX = 10_000;
const BEGUN = { type: 'inspection.begun' };

export interface ActorsSourceOptions {
  readonly name: string;
  readonly software: string;
  /** Where the page is served. */
  readonly address: string;
}

export class ActorsSource implements InspectionSource {
  nameOf = machineNames();
  readonly #listeners = new Set<SourceListener>();
  /** In the order they came, parents before their children; with the id of their system. */
  readonly #present = new Map<AnyActorRef, string>();
  readonly #options: ActorsSourceOptions;

  constructor(options: ActorsSourceOptions) {
    this.#options = options;
  }

  hello(): ReturnType<InspectionSource['hello']> {
    const { name: id, software, address: clientAddress } = this.#options;
    const members = [{ id, clientAddress }];
    return { source: 'actors', id, clusterId: '', members, software, pid };
  }

  /** For `createActor(machine, { inspect })`: may not throw, whatever becomes of the pages. */
  readonly inspect = (event: InspectionEvent): void => {
    const actorRef = event.actorRef as AnyActorRef;
    if (event.type === '@xstate.actor') this.#enter(actorRef, event.rootId);
    else if (event.type === '@xstate.snapshot' && event.snapshot.status !== 'active') {
      this.#present.delete(actorRef);
    }
    for (const listener of this.#listeners) listener.next(event);
  };

  attach(listener: SourceListener): () => void {
    for (const [actorRef, rootId] of this.#present) {
      const snapshot = actorRef.getSnapshot();
      // One that has failed shows no snapshot of its end.
      if (snapshot.status !== 'active') this.#present.delete(actorRef);
      else {
        listener.next({ type: '@xstate.actor', rootId, actorRef });
        listener.next({ type: '@xstate.snapshot', rootId, actorRef, event: BEGUN, snapshot });
      }
    }
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #enter(actorRef: AnyActorRef, rootId: string): void {
    this.#present.set(actorRef, rootId);
    if (this.#present.size <= PRESENT_MAX) return;
    for (const oldest of this.#present.keys()) {
      this.#present.delete(oldest);
      return;
    }
  }
}
