/** What XState tells its inspectors becomes records: each event an actor handled, once and in order. */
import { describe, expect, it } from 'vitest';
import {
  assign,
  createActor,
  emit,
  fromCallback,
  fromPromise,
  fromTransition,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
} from 'xstate';
import type { TransitionRecord } from '../../src/inspector/protocol.ts';
import { Accounted, brief, EVERYTHING, NOTHING, noLandmarks } from './recorded.ts';

const child = setup({}).createMachine({
  id: 'child',
  initial: 'asked',
  states: {
    asked: { on: { ask: { target: 'answered', actions: sendParent({ type: 'answer' }) } } },
    answered: { on: { ask: 'asked', end: 'over' } },
    over: { type: 'final' },
  },
});

const family = setup({
  types: {
    context: {} as { asked: number; name: string; deep: { same: boolean } },
    emitted: {} as { type: 'sigh'; loud: boolean },
  },
  actors: { child },
  actions: {
    broken: () => explode(),
    count: assign({ asked: ({ context }) => context.asked + 1 }),
  },
  guards: { broken: () => explode() },
}).createMachine({
  id: 'family',
  context: { asked: 0, name: 'Noether', deep: { same: true } },
  invoke: { src: 'child', id: 'kid' },
  initial: 'quiet',
  states: {
    quiet: {
      on: {
        ask: { target: 'waiting', actions: ['count', sendTo('kid', { type: 'ask' })] },
        twice: { actions: raise({ type: 'again' }) },
        again: { target: 'tired', actions: emit({ type: 'sigh', loud: true }) },
        guarded: { guard: 'broken', target: 'tired' },
      },
    },
    waiting: { on: { answer: 'quiet' } },
    tired: { always: 'quiet' },
  },
  on: { broken: { actions: 'broken' }, bear: {} },
});

function explode(): never {
  throw new Error('over a cliff');
}

function started(told: Accounted) {
  const actor = createActor(family, { inspect: told.inspect, id: 'mother' });
  actor.subscribe({ error: () => {} });
  return actor.start();
}

const briefs = (told: Accounted) => told.next().map(brief);

describe('an account', () => {
  it('begins with who is there, parents first, each with its state and context', () => {
    const told = new Accounted();
    started(told);
    expect(told.next()).toEqual([
      {
        ...{ type: 'actor', atMs: 1_000, actor: 'mother', parent: null, machine: 'family' },
        ...{ value: 'quiet', active: ['family', 'family.quiet'] },
        context: { asked: 0, name: 'Noether', deep: { same: true } },
      },
      {
        ...{ type: 'actor', atMs: 1_000, actor: 'mother/kid', parent: 'mother' },
        ...{ machine: 'child', value: 'asked', active: ['child', 'child.asked'], context: {} },
      },
    ]);
  });

  it('tells one event and all it set off in its actor as one transition', () => {
    const told = new Accounted();
    const actor = started(told);
    told.next();
    actor.send({ type: 'twice' });
    expect(told.next()).toEqual([
      {
        ...{ type: 'transition', number: 1, atMs: 1_000, actor: 'mother', from: null },
        event: { type: 'twice' },
        transitions: ['family.quiet/twice/0', 'family.quiet/again/0', 'family.tired/always/0'],
        ...{ before: 'quiet', value: 'quiet', active: ['family', 'family.quiet'] },
        ...{ changes: {}, emitted: [{ type: 'sigh', loud: true }] },
      },
    ]);
  });

  it('tells what wakes others before what they do, and who sent it', () => {
    const told = new Accounted();
    const actor = started(told);
    told.next();
    actor.send({ type: 'ask' });
    actor.send({ type: 'ask' });
    expect(briefs(told)).toEqual([
      'mother: ask',
      'mother/kid: ask from mother',
      'mother: answer from mother/kid',
      'mother: ask',
      'mother/kid: ask from mother',
    ]);
  });

  it('tells of a context only what is different, so that all of it can be put together', () => {
    const told = new Accounted();
    const actor = started(told);
    told.next();
    actor.send({ type: 'ask' });
    const [first] = told.transitions() as [TransitionRecord];
    expect(first.changes).toEqual({ asked: 1 });
    const whole = { ...{ asked: 0, name: 'Noether', deep: { same: true } }, ...first.changes };
    expect(whole).toEqual(actor.getSnapshot().context);
  });

  it('tells an event that nobody wanted as one that took no transition', () => {
    const told = new Accounted();
    const actor = started(told);
    told.next();
    actor.send({ type: 'unheard', of: 'by all' } as never);
    const [record] = told.transitions() as [TransitionRecord];
    expect(record.event).toEqual({ type: 'unheard', of: 'by all' });
    expect(record.transitions).toEqual([]);
  });

  it('tells of an end, and gives the name away again', () => {
    const told = new Accounted();
    const actor = started(told);
    actor.send({ type: 'ask' });
    told.next();
    actor.getSnapshot().children.kid?.send({ type: 'end' });
    expect(briefs(told)).toEqual([
      'mother/kid: end',
      'mother: xstate.done.actor.kid from mother/kid',
      'mother/kid is done',
    ]);
    actor.stop();
    expect(briefs(told)).toEqual(['mother is stopped']);
    started(told);
    expect(briefs(told)).toEqual(['mother is there', 'mother/kid is there']);
  });

  it('tells two actors of one name apart', () => {
    const told = new Accounted();
    started(told);
    started(told);
    createActor(child, { inspect: told.inspect }).start();
    createActor(child, { inspect: told.inspect }).start();
    expect(briefs(told)).toEqual([
      ...['mother is there', 'mother/kid is there', 'mother#2 is there', 'mother#2/kid is there'],
      ...['child is there', 'child#2 is there'],
    ]);
  });

  it('names those that were given no name by what they are, or by their number', () => {
    const told = new Accounted();
    const { inspect } = told;
    const pending = fromPromise(() => new Promise(() => {}));
    const one = createActor(pending, { inspect }).start();
    const other = createActor(pending, { inspect }).start();
    const spawning = setup({ actors: { pending } }).createMachine({
      id: 'spawning',
      entry: spawnChild('pending'),
    });
    createActor(spawning, { inspect }).start();
    expect(briefs(told)).toEqual(
      [one.sessionId, other.sessionId, 'spawning', 'spawning/pending'].map(
        (name) => `${name} is there`,
      ),
    );
    expect(one.sessionId).not.toBe(other.sessionId);
  });

  it.each(['broken', 'guarded'])(
    'tells of a failure, which XState shows in no event (%s)',
    (type) => {
      const told = new Accounted();
      const actor = started(told);
      told.next();
      actor.send({ type: 'ask' });
      actor.send({ type: 'ask' });
      actor.send({ type: 'answer' } as never);
      actor.send({ type } as never);
      const last = briefs(told).at(-1);
      expect(last).toMatch(/^mother failed: Error: .*over a cliff$/s);
      expect(last).not.toContain('\u001b');
    },
  );

  it('knows actors that are no machines', async () => {
    const told = new Accounted();
    const { inspect } = told;
    const promise = createActor(
      fromPromise(async () => 42),
      { inspect, id: 'promise' },
    ).start();
    const callback = createActor(
      fromCallback(({ receive }) => receive(() => {})),
      { inspect, id: 'callback' },
    ).start();
    const counter = createActor(
      fromTransition((count: number, _event: { type: string }) => count + 1, 0),
      { inspect, id: 'counter' },
    ).start();
    callback.send({ type: 'heard' });
    counter.send({ type: 'more' });
    await new Promise((resolve) => promise.subscribe({ complete: () => resolve(null) }));
    const records = told.next();
    expect(records.map(brief)).toEqual([
      ...['promise is there', 'callback is there', 'counter is there'],
      ...['callback: heard', 'counter: more'],
      ...['promise: xstate.promise.resolve', 'promise is done'],
    ]);
    expect(records[4]).toMatchObject({ value: null, active: [], changes: { value: 1 } });
    expect(records[6]).toMatchObject({ output: 42 });
  });

  it('meets an actor that is made and not yet started', () => {
    const told = new Accounted();
    const actor = createActor(child, { inspect: told.inspect, id: 'late' });
    expect(briefs(told)).toEqual(['late is there']);
    actor.start();
    actor.send({ type: 'end' });
    expect(briefs(told)).toEqual(['late: end']);
  });
});

describe('what is too much', () => {
  it('is counted at its place, and then it is told where the actors stand', () => {
    const told = new Accounted({ ...NOTHING, recordsMax: 2 }, noLandmarks());
    const actor = started(told);
    told.next();
    for (let i = 0; i < 5; i += 1) actor.send({ type: 'ask' });
    expect(told.next().map(brief)).toEqual([
      'mother: ask',
      'mother/kid: ask from mother',
      '6 dropped',
      'mother stands at "waiting"',
      'mother/kid stands at "asked"',
    ]);
    expect(told.account.waiting).toEqual({ records: 0, characters: 0 });
  });

  it('and the places are right when some of it is told', () => {
    let now = 0;
    const limits = {
      ...NOTHING,
      windowMs: 1,
      recordsPerWindow: 2,
      windowsWhenShort: 1,
      recordsWhenShort: 2,
      recordsMax: 1,
    };
    const told = new Accounted(limits, { now: () => now });
    const actor = started(told);
    told.next();
    const seen: string[] = [];
    for (let i = 0; i < 6; i += 1) {
      now += i % 3 === 0 ? 1 : 0;
      actor.send({ type: 'bear' });
      if (i % 2 === 1) seen.push(...told.next().map(brief));
    }
    expect(seen).toEqual([
      ...['mother: bear', '1 dropped', 'mother stands at "quiet"'],
      ...['1 dropped', 'mother: bear'],
    ]);
  });

  it('is first of all what happens again and again', () => {
    const told = new Accounted({ ...NOTHING, recordsMax: 3, recordsForOrdinary: 2 }, noLandmarks());
    const actor = started(told);
    told.next();
    for (const type of ['bear', 'bear', 'twice', 'bear']) actor.send({ type } as never);
    expect(told.next().map(brief)).toEqual([
      ...['mother: bear', '1 dropped', 'mother: twice', '1 dropped', 'mother stands at "quiet"'],
    ]);
  });

  it('is everything while the page is behind, without growing; who is there is never dropped', () => {
    const told = new Accounted(EVERYTHING, noLandmarks());
    const actor = started(told);
    told.next();
    told.account.isPaused = true;
    for (let i = 0; i < 1_000; i += 1) actor.send({ type: 'ask' });
    expect(told.next()).toEqual([]);
    expect(told.account.waiting.records).toBe(1);
    actor.stop();
    told.account.isPaused = false;
    expect(told.next().map(brief)).toEqual([
      '1003 dropped',
      'mother/kid is stopped',
      'mother is stopped',
    ]);
  });

  it('leaves nobody where it was: afterwards contexts are whole again', () => {
    const told = new Accounted(EVERYTHING, noLandmarks());
    const actor = started(told);
    told.next();
    told.account.isPaused = true;
    for (let i = 0; i < 7; i += 1) actor.send({ type: 'ask' });
    told.next();
    told.account.isPaused = false;
    const records = told.next();
    expect(records.map(brief)).toEqual([
      ...['10 dropped', 'mother/kid stands at "asked"', 'mother stands at "waiting"'],
    ]);
    expect(records.at(-1)).toMatchObject({ changes: { asked: actor.getSnapshot().context.asked } });
  });
});
