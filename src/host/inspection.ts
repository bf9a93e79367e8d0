/**
 * What XState's inspection API tells of one server's actors, to whoever listens and only while they
 * do: an inspector multiplies the cost of an event, so none is attached by default.
 */
import { Observable } from 'rxjs';
import type { Actor, AnyActorRef, InspectionEvent } from 'xstate';
import type { ServerMachine } from '../../machines/server.ts';

/** The event of the snapshots that a listener begins with: nothing has happened. */
const BEGUN = { type: 'inspection.begun' };

/**
 * Begins with an actor event and a snapshot event for every actor there is, the server's first; ends
 * with the server. Each subscription attaches an inspector of its own, and takes it off again.
 */
export function inspectionOf(root: Actor<ServerMachine>): Observable<InspectionEvent> {
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
