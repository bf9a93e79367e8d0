/** What XState's inspection API tells of a server: all of it, in order, and only to who asks. */
import { config } from 'rxjs';
import { describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { Rig } from './rig.ts';

/** Who and what, in short: `a @xstate.event rpc.received`. */
function line(event: InspectionEvent): string {
  const { id } = event.actorRef as { id?: string };
  const what = 'event' in event ? ` ${event.event.type}` : '';
  return `${id} ${event.type.slice('@xstate.'.length)}${what}`;
}

const present = (id: string) => [`${id} actor`, `${id} snapshot inspection.begun`];

/** What an inspection of that server tells from now on. */
function inspected(rig: Rig) {
  const events: InspectionEvent[] = [];
  let isComplete = false;
  const subscription = rig.server.inspect$.subscribe({
    next: (event) => events.push(event),
    complete: () => {
      isComplete = true;
    },
  });
  const root = (events[0]?.actorRef as { id?: string } | undefined)?.id ?? '';
  return { events, subscription, root, lines: () => events.map(line), isOver: () => isComplete };
}

describe('inspection', () => {
  it('begins with every actor there is and its snapshot, however late it is asked for', async () => {
    const rig = await Rig.start();
    await rig.lead();
    const { events, lines, root } = inspected(rig);
    expect(lines()).toEqual([...present(root), ...present('b'), ...present('c')]);
    const [, ofServer] = events;
    expect(ofServer).toMatchObject({ snapshot: { context: { id: 'a', currentTerm: 1 } } });
    expect(new Set(events.map(({ rootId }) => rootId)).size).toBe(1);
  });

  it('tells each event, each microstep with its transitions, and the snapshot it ends in', async () => {
    const rig = await Rig.start();
    const { events, lines, root } = inspected(rig);
    await rig.b.append();
    const told = lines().slice(2);
    expect(told[0]).toBe(`${root} event rpc.received`);
    expect(told.at(-1)).toContain(`${root} snapshot`);
    const taken = events.flatMap((event) =>
      event.type === '@xstate.microstep' ? event._transitions : [],
    );
    expect(taken.map(({ eventType }) => eventType)).toContain('AppendEntries');
  });

  it('tells of replication actors that come and go with a leadership', async () => {
    const rig = await Rig.start();
    const { lines } = inspected(rig);
    await rig.lead();
    expect(lines()).toContain('b actor');
    expect(lines().filter((each) => each.startsWith('c event')).length).toBeGreaterThan(0);
  });

  it('takes its inspector off when nobody listens any more', async () => {
    const rig = await Rig.start();
    const first = inspected(rig);
    const second = inspected(rig);
    first.subscription.unsubscribe();
    await rig.b.append();
    expect(first.events).toHaveLength(2);
    expect(second.events.length).toBeGreaterThan(2);
  });

  it('a listener that throws hurts nobody else', async () => {
    const rig = await Rig.start();
    const thrown: unknown[] = [];
    config.onUnhandledError = (error) => thrown.push(error);
    rig.server.inspect$.subscribe(() => {
      throw new Error('a page is gone');
    });
    const other = inspected(rig);
    await rig.lead();
    expect(rig.server.status().role).toBe('leader');
    expect(other.events.length).toBeGreaterThan(20);
    expect(rig.failures).toEqual([]);
    // Told by a timer of RxJS's own, set before this one.
    await new Promise((resolve) => setTimeout(resolve, 1));
    config.onUnhandledError = null;
    expect(thrown.length).toBeGreaterThan(0);
  });

  it('ends with the server: when it stops, when it fails, and when it is gone already', async () => {
    const stopping = await Rig.start();
    const untilStop = inspected(stopping);
    await stopping.server.stop();
    expect(untilStop.isOver()).toBe(true);
    expect(inspected(stopping).isOver()).toBe(true);

    const failing = await Rig.start();
    const untilFailure = inspected(failing);
    failing.storage.isHolding = true;
    await failing.b.requestVote();
    expect(untilFailure.isOver()).toBe(false);
    await failing.failWrite();
    expect(untilFailure.isOver()).toBe(true);
  });

  it('an observer of the host is told from before the first event', async () => {
    const lines: string[] = [];
    const rig = await Rig.start({ observer: { onInspection: (event) => lines.push(line(event)) } });
    const { root } = inspected(rig);
    expect(lines.slice(0, 3)).toEqual([...present(root), `${root} event xstate.init`]);
  });
});
