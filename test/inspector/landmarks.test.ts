/** However much there is to tell, and however slowly it is read: landmarks are told. */
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { createActor, setup } from 'xstate';
import { DEFAULT_BUDGET, LANDMARK_LIMITS, RecordBudget } from '../../src/inspector/budget.ts';
import type { InspectionRecord, TransitionRecord } from '../../src/inspector/protocol.ts';
import { weighServer } from '../../src/inspector/server-source.ts';
import { keyValue } from '../../src/kv/key-value.ts';
import { simulate } from '../../src/simulation/index.ts';
import { Accounted, brief, NOTHING } from './recorded.ts';

const { recordsAtOnce, recordsPerSecond } = LANDMARK_LIMITS;

/** It works, and sometimes its role changes. */
const worker = setup({
  types: { events: {} as { type: 'work' | 'promote' | 'demote' } },
}).createMachine({
  id: 'worker',
  initial: 'idle',
  states: {
    idle: { on: { work: {}, promote: 'busy' } },
    busy: { on: { work: {}, demote: 'idle' } },
  },
});

function working(told: Accounted) {
  const actor = createActor(worker, { inspect: told.inspect, id: 'worker' }).start();
  told.next();
  return actor;
}

/** Every transition is told at its number or counted in a gap; returns how many there were. */
function accountedFor(records: readonly InspectionRecord[]): number {
  let next = 1;
  for (const record of records) {
    if (record.type === 'dropped') {
      next += record.count;
      const named = record.of?.reduce((sum, { count }) => sum + count, 0) ?? 0;
      expect(named).toBeLessThanOrEqual(record.count);
    } else if (record.type === 'transition') {
      expect(record.number).toBe(next);
      next += 1;
    }
  }
  return next - 1;
}

describe('of five servers under load, with a budget for nothing', () => {
  const told = new Map<string, Accounted>();
  let elected = '';
  let crashed = '';

  beforeAll(async () => {
    let now = 0;
    const cluster = simulate({
      ...{ seed: 4, servers: 5, stateMachine: keyValue },
      inspect: (id, event) => {
        const options = { now: () => now, weigh: weighServer };
        const own = told.get(id) ?? new Accounted(NOTHING, options);
        told.set(id, own);
        own.account.record(event);
      },
    });
    for (let step = 0; step < 60; step += 1) {
      const leader = cluster.leader();
      if (step === 20) {
        crashed = leader ?? '';
        cluster.at(crashed).crash();
      }
      for (let put = 0; put < 20 && leader !== null && step !== 20; put += 1) {
        const command = { type: 'put', key: `${put}`, value: Uint8Array.of(step) } as const;
        void cluster.at(leader).propose(command);
      }
      now += 100;
      await cluster.run({ forMs: 100 });
      for (const own of told.values()) own.next();
    }
    elected = cluster.leader() ?? '';
    for (const own of told.values()) own.records.push(...ended(own));
  });

  const ended = ({ account }: Accounted) =>
    account.lines(true).map((line) => JSON.parse(line) as InspectionRecord);

  it('an election is told whole: timer, votes asked and given, a new term, a new role', () => {
    const { records } = told.get(elected) as Accounted;
    const transitions = records.filter((record) => record.type === 'transition');
    const roles = transitions.map(({ before, value }) => `${role(before)} → ${role(value)}`);
    expect(roles).toContain('follower → candidate');
    expect(roles).toContain('candidate → leader');
    const heard = transitions.map(({ event }) => messageType(event) ?? event.type);
    expect(heard).toContain('PreVoteResponse');
    expect(heard).toContain('RequestVoteResponse');
    const last = roles.lastIndexOf('candidate → leader');
    const since = transitions.slice(roles.lastIndexOf('follower → candidate', last), last + 1);
    expect(since[0]?.event.type).toMatch(/^xstate\.after\.\w+\.server\.follower/);
    // Whoever is elected of five has two votes besides its own.
    const votes = since.filter(({ event }) => messageType(event) === 'RequestVoteResponse');
    expect(votes.length).toBeGreaterThanOrEqual(2);
  });

  it('every other survivor tells that it was asked for its vote', () => {
    const others = [...told].filter(([id]) => id !== elected && id !== crashed);
    expect(others).toHaveLength(3);
    for (const [id, { records }] of others) {
      const asked = records.some((record) => {
        return record.type === 'transition' && messageType(record.event) === 'RequestVote';
      });
      expect([id, asked]).toEqual([id, true]);
    }
  });

  it('heartbeats and writes are counted together, by name, and nothing is missing', () => {
    const kinds = new Set<string>();
    for (const { records } of told.values()) {
      expect(accountedFor(records)).toBeGreaterThan(100);
      for (const record of records) {
        if (record.type === 'dropped') for (const { kind } of record.of ?? []) kinds.add(kind);
      }
    }
    expect([...kinds]).toEqual(
      expect.arrayContaining(['heartbeat', 'client.proposed', 'AppendEntries']),
    );
  });

  it('it is a handful of records, and no write is among them', () => {
    for (const { records } of told.values()) {
      const types = records.flatMap((record) => {
        return record.type === 'transition' ? [record.event.type] : [];
      });
      expect(types.length).toBeLessThan(60);
      expect(types).not.toContain('client.proposed');
    }
  });
});

const role = (value: unknown) => (typeof value === 'string' ? value : Object.keys(value ?? {})[0]);

function messageType({ message }: TransitionRecord['event']): string | undefined {
  const { type } = (message ?? {}) as { type?: string };
  return type;
}

describe('a flood of landmarks', () => {
  it('costs so many records of a kind at once, and few each second; the rest is counted', () => {
    let now = 0;
    const told = new Accounted(NOTHING, { now: () => now });
    const actor = working(told);
    const perSecond: number[] = [];
    for (let second = 0; second < 10; second += 1) {
      let count = 0;
      for (let turn = 0; turn < 1_000; turn += 1) {
        actor.send({ type: 'promote' });
        actor.send({ type: 'demote' });
        now += 1;
        if (turn % 40 === 0) count += told.transitions().length;
      }
      perSecond.push(count + told.transitions().length);
    }
    told.records.push(...told.next());
    // Of two kinds: to and fro.
    expect(perSecond[0]).toBe(2 * recordsAtOnce);
    expect(perSecond.slice(1)).toEqual(perSecond.slice(1).map(() => 2 * recordsPerSecond));
    expect(told.account.waiting.records).toBeLessThanOrEqual(1);
  });

  it('does not cost another kind its record', () => {
    const told = new Accounted(NOTHING);
    const actor = working(told);
    for (let turn = 0; turn < 1_000; turn += 1) {
      actor.send({ type: 'promote' });
      actor.send({ type: 'demote' });
    }
    createActor(setup({}).createMachine({ id: 'calm', initial: 'a', states: CALM }), {
      inspect: told.inspect,
    })
      .start()
      .send({ type: 'go' });
    expect(told.next().map(brief)).toContain('calm: go');
  });
});

const CALM = { a: { on: { go: 'b' } }, b: {} };

describe('whoever reads too slowly', () => {
  it('is told the landmarks afterwards, each at its place', () => {
    const told = new Accounted();
    const actor = working(told);
    told.account.isPaused = true;
    const script = ['work', 'work', 'promote', 'work', 'demote', 'work'] as const;
    for (const type of script) actor.send({ type });
    expect(told.next()).toEqual([]);
    expect(told.account.waiting.characters).toBeGreaterThan(0);
    told.account.isPaused = false;
    const records = told.next();
    expect(records.map(brief)).toEqual([
      ...['2 dropped', 'worker: promote', '1 dropped', 'worker: demote', '1 dropped'],
      'worker stands at "idle"',
    ]);
    expect(accountedFor(records)).toBe(script.length);
  });

  it('is told all that waits when it is the end', () => {
    const told = new Accounted();
    const actor = working(told);
    told.account.isPaused = true;
    for (const type of ['work', 'promote', 'work'] as const) actor.send({ type });
    const last = told.account.lines(true).map((line) => JSON.parse(line) as InspectionRecord);
    expect(accountedFor(last)).toBe(3);
  });
});

describe('under any budget, with any pauses', () => {
  const step = fc.record({
    type: fc.constantFrom('work', 'promote', 'demote', 'unheard'),
    times: fc.integer({ min: 1, max: 40 }),
    passesMs: fc.integer({ min: 0, max: 700 }),
    isPaused: fc.boolean(),
    isFlushed: fc.boolean(),
  });
  const budget = fc.record({
    recordsPerWindow: fc.nat(5),
    recordsWhenShort: fc.nat(5),
    recordsMax: fc.nat(10),
    recordsForOrdinary: fc.nat(10),
    charactersMax: fc.nat(5_000),
  });

  it('numbers add up, and each change of role within its allowance is told', () => {
    fc.assert(
      fc.property(budget, fc.array(step, { maxLength: 40 }), (limits, steps) => {
        let now = 0;
        const options = {
          now: () => now,
          budget: new RecordBudget({ ...DEFAULT_BUDGET, ...limits }),
        };
        const told = new Accounted(NOTHING, options);
        const actor = working(told);
        let handled = 0;
        let changes = 0;
        for (const { type, times, passesMs, isPaused, isFlushed } of steps) {
          told.account.isPaused = isPaused;
          for (let time = 0; time < times; time += 1) {
            const before = actor.getSnapshot().value;
            actor.send({ type } as never);
            handled += 1;
            if (before !== actor.getSnapshot().value) changes += 1;
          }
          now += passesMs;
          if (isFlushed) told.next();
        }
        const last = told.account.lines(true).map((line) => JSON.parse(line) as InspectionRecord);
        const records = [...told.records, ...last];
        expect(accountedFor(records)).toBe(handled);
        const shown = records.filter((record) => {
          return record.type === 'transition' && record.before !== record.value;
        });
        if (changes <= recordsAtOnce) expect(shown.length).toBe(changes);
      }),
      { numRuns: 300 },
    );
  });
});
