/**
 * Every transition of a run is told once and in order, or counted where it happened. What is told is
 * held against a list that was kept beside it, from XState's own events.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { type BudgetLimits, DEFAULT_BUDGET } from '../../src/inspector/budget.ts';
import type { InspectionRecord, TransitionRecord } from '../../src/inspector/protocol.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';
import { Accounted } from './recorded.ts';

interface Seen {
  readonly told: Accounted;
  /** The events of each actor in the order in which they were handled, by its name. */
  readonly handled: Map<string, string[]>;
}

const BEGINNINGS = ['xstate.init', 'inspection.begun', 'xstate.stop'];

/** Each event that an actor has handled ends with one snapshot. */
function keep(handled: Map<string, string[]>, event: InspectionEvent): void {
  if (event.type !== '@xstate.snapshot' || BEGINNINGS.includes(event.event.type)) return;
  const { actorRef } = event as unknown as { actorRef: { id: string; _parent?: object } };
  const name = actorRef._parent === undefined ? 'server' : `server/${actorRef.id}`;
  const events = handled.get(name) ?? [];
  handled.set(name, [...events, event.event.type]);
}

/** Ten seconds of five servers with clients, a crash and a partition. */
async function tenSeconds(limits?: BudgetLimits): Promise<ReadonlyMap<string, Seen>> {
  const seen = new Map<string, Seen>();
  let now = 0;
  const cluster = simulate({
    ...{ seed: 4, servers: 5, stateMachine: keyValue },
    inspect: (id, event) => {
      const server = seen.get(id) ?? {
        told: new Accounted(limits, { now: () => now }),
        handled: new Map(),
      };
      seen.set(id, server);
      server.told.account.record(event);
      keep(server.handled, event);
    },
  });
  const faults: Readonly<Record<number, () => void>> = {
    30: () => cluster.at(cluster.leader() ?? 'a').crash(),
    60: () => cluster.partition(['a', 'b'], ['c', 'd', 'e']),
    80: () => cluster.heal(),
  };
  for (let step = 0; step < 100; step += 1) {
    faults[step]?.();
    for (const id of cluster.ids) {
      const key = `key ${step % 7}`;
      if (step % 3 === 0 && id === cluster.leader()) {
        void cluster.at(id).propose({ type: 'put', key, value: Uint8Array.of(step) });
      }
    }
    now += 100;
    await cluster.run({ forMs: 100 });
    for (const { told } of seen.values()) told.next();
  }
  now += 1_000;
  for (const { told } of seen.values()) told.next();
  return seen;
}

const transitionsOf = (records: readonly InspectionRecord[]) =>
  records.filter((record): record is TransitionRecord => record.type === 'transition');

const sumOf = (handled: ReadonlyMap<string, readonly string[]>) =>
  [...handled.values()].reduce((sum, events) => sum + events.length, 0);

/** So little that much has to be left out. */
const SCARCE = { ...DEFAULT_BUDGET, recordsPerWindow: 5, recordsMax: 5, recordsForOrdinary: 2 };

describe('of ten seconds of five servers', () => {
  let whole: ReadonlyMap<string, Seen>;
  let scarce: ReadonlyMap<string, Seen>;

  beforeAll(async () => {
    whole = await tenSeconds();
    scarce = await tenSeconds(SCARCE);
  });

  it('every transition is told once and in order', () => {
    for (const { told, handled } of whole.values()) {
      const transitions = transitionsOf(told.records);
      const byActor = new Map<string, string[]>();
      for (const { actor, event } of transitions) {
        byActor.set(actor, [...(byActor.get(actor) ?? []), event.type]);
      }
      expect(byActor).toEqual(handled);
      expect(transitions.map(({ number }) => number)).toEqual(transitions.map((_, at) => at + 1));
      expect(transitions.length).toBeGreaterThan(100);
    }
  });

  it('each begins in the state that the one before it has led to', () => {
    for (const { told } of whole.values()) {
      const last = new Map<string, unknown>();
      for (const record of told.records) {
        if (record.type === 'transition') expect(record.before).toEqual(last.get(record.actor));
        if ('value' in record) last.set(record.actor, record.value);
      }
    }
  });

  it('what the budget leaves out is counted where it happened, and nothing else is missing', () => {
    let dropped = 0;
    for (const { told, handled } of scarce.values()) {
      let next = 1;
      for (const record of told.records) {
        if (record.type === 'dropped') {
          dropped += record.count;
          next += record.count;
        } else if (record.type === 'transition') {
          expect(record.number).toBe(next);
          next += 1;
        }
      }
      expect(next - 1).toBe(sumOf(handled));
    }
    expect(dropped).toBeGreaterThan(100);
  });

  it('after a gap it is told where everybody stands: put together, it is what it is', () => {
    for (const [id, { told }] of scarce) {
      expect(standingAtTheEnd(told.records)).toEqual(
        standingAtTheEnd(whole.get(id)?.told.records ?? []),
      );
    }
  });
});

/** What a page shows of the server machine in the end. */
function standingAtTheEnd(records: readonly InspectionRecord[]) {
  let standing = {};
  for (const record of records) {
    if (!('value' in record) || record.actor !== 'server') continue;
    const { value, active } = record;
    const before = 'context' in record ? record.context : standing;
    const changes = 'changes' in record ? record.changes : {};
    standing = { ...before, ...changes, value, active };
  }
  return standing;
}
