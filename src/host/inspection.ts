/**
 * What one server tells of itself to whoever listens, and only while they do: XState's inspection of
 * its actors, which multiplies the cost of an event, and the facts behind its decisions.
 */
import { Observable } from 'rxjs';
import type { Actor, AnyActorRef, InspectionEvent } from 'xstate';
import type { Fact } from '../../machines/rules/facts.ts';
import type { ServerMachine } from '../../machines/server.ts';

/** The event of the snapshots that a listener begins with: nothing has happened. */
const BEGUN = { type: 'inspection.begun' };

/**
 * Begins with an actor event and a snapshot event for every actor there is, the server's first; ends
 * with the server. Each subscription attaches an inspector of its own, and takes it off again.
 */
export function inspectionOf(
  root: Actor<ServerMachine>,
  explained: () => () => void,
): Observable<InspectionEvent> {
  return new Observable((listener) => {
    const rootId = root.sessionId;
    const tellPresent = (actorRef: AnyActorRef) =>
      listener.next({
        type: '@xstate.snapshot',
        rootId,
        actorRef,
        event: BEGUN,
        snapshot: actorRef.getSnapshot(),
      });
    const children = Object.values(root.getSnapshot().children) as AnyActorRef[];
    for (const actorRef of [root, ...children]) {
      listener.next({ type: '@xstate.actor', rootId, actorRef });
      tellPresent(actorRef);
    }
    if (root.getSnapshot().status !== 'active') {
      listener.complete();
      return;
    }
    if (listener.closed) return;
    listener.add(explained());
    const inspector = root.system.inspect((event) => listener.next(event));
    listener.add(() => inspector.unsubscribe());
    const end = root.subscribe({
      complete: () => listener.complete(),
      // XState tells its observers of a failure before it tells its inspectors.
      error: () => {
        tellPresent(root);
        listener.complete();
      },
    });
    listener.add(() => end.unsubscribe());
  });
}

/** The facts behind the server's decisions, as they are made. */
export function factsOf(root: Actor<ServerMachine>, explained: () => () => void): Observable<Fact> {
  return new Observable((listener) => {
    const facts = root.on('explain', ({ fact }) => listener.next(fact));
    listener.add(() => facts.unsubscribe());
    listener.add(explained());
    const end = root.subscribe({
      complete: () => listener.complete(),
      error: () => listener.complete(),
    });
    listener.add(() => end.unsubscribe());
  });
}

/** Counts who listens: facts are recorded from the first that comes until the last has gone. */
export function explanations(root: Actor<ServerMachine>): () => () => void {
  let listeners = 0;
  const want = (isWanted: boolean) => {
    const { status, context } = root.getSnapshot();
    if (status !== 'active' || context.isExplained === isWanted) return;
    root.send({ type: 'explanation.wanted', isWanted });
  };
  return () => {
    listeners += 1;
    if (listeners === 1) want(true);
    return () => {
      listeners -= 1;
      if (listeners === 0) want(false);
    };
  };
}
