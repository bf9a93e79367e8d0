/** What a compiled machine is, beside fast. */
import { describe, expect, it } from 'vitest';
import {
  type AnyActorRef,
  type AnyStateMachine,
  assign,
  createActor,
  createMachine,
  enqueueActions,
  initialTransition,
  setup,
  transition,
} from 'xstate';
import { withInternalEvents } from '../../machines/internal-events.ts';
import { compiled } from '../../src/interpreter/index.ts';

const child = setup({}).createMachine({ id: 'child' });
const counter = setup({
  types: { context: {} as { count: number; notes: string }, events: {} as { type: string } },
  actors: { child },
  actions: {
    count: assign(({ context }) => ({ count: context.count + 1 })),
    replace: assign((_, context: object) => context),
  },
}).createMachine({
  context: { count: 0, notes: '' },
  on: {
    counted: { actions: 'count' },
    replaced: {
      actions: { type: 'replace', params: ({ event }) => (event as unknown as { by: object }).by },
    },
  },
});

describe('a compiled machine', () => {
  it('leaves the machine as it was, and has the same definition', () => {
    const before = counter.transition;
    const made = compiled(counter);
    expect(made).not.toBe(counter);
    expect(counter.transition).toBe(before);
    expect(JSON.stringify(made)).toBe(JSON.stringify(counter));
  });

  it('is made once, and so are its children', () => {
    const made = compiled(counter);
    expect(compiled(counter)).toBe(made);
    expect(compiled(made)).toBe(made);
    expect(made.implementations.actors.child).toBe(compiled(child));
  });

  it('stays compiled with other implementations', () => {
    const count = assign(({ context }: { readonly context: { readonly count: number } }) => ({
      count: context.count + 10,
    })) as never;
    for (const made of [
      compiled(counter, { actions: { count } }),
      compiled(counter).provide({ actions: { count } }),
    ]) {
      expect(compiled(made)).toBe(made);
      const actor = createActor(made).start();
      actor.send({ type: 'counted' });
      expect(actor.getSnapshot().context.count).toBe(10);
    }
  });

  it('may invoke itself', () => {
    const itself: AnyStateMachine = createMachine(
      { initial: 'one', states: { one: { on: { go: 'two' } }, two: { invoke: { src: 'inner' } } } },
      {
        actors: {
          get inner() {
            return itself;
          },
        },
      },
    );
    const made = compiled(itself);
    const actor = createActor(made).start();
    actor.send({ type: 'go' });
    const [inner] = Object.values(actor.getSnapshot().children as Record<string, AnyActorRef>);
    expect(inner?.getSnapshot()).toMatchObject({ value: 'one', machine: made });
  });

  it.each(['compiled', 'xstate'])('carries out what an enqueued action enqueues (%s)', (by) => {
    const late = createMachine({
      context: { count: 0 },
      on: {
        go: {
          actions: enqueueActions(({ enqueue }) => {
            const add = (added: number) =>
              enqueue.assign({ count: ({ context }) => context.count + added });
            enqueue(() => add(10));
            enqueue(enqueueActions(({ enqueue: inner }) => inner.assign({ count: 1 })));
            enqueue(() => add(100));
          }),
        },
      },
    });
    const actor = createActor(by === 'compiled' ? compiled(late) : late).start();
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().context).toEqual({ count: 111 });
  });

  it('is shut to the events that only it may raise', () => {
    const shut = withInternalEvents(counter.provide({}), ['counted']);
    for (const made of [compiled(shut), compiled(shut).provide({})]) {
      const actor = createActor(made).start();
      const before = actor.getSnapshot();
      actor.send({ type: 'counted' } as never);
      expect(actor.getSnapshot()).toBe(before);
      expect(before.context.count).toBe(0);
    }
  });

  it('takes a whole context as it is, and copies part of one', () => {
    const actor = createActor(compiled(counter)).start();
    const whole = { count: 7, notes: 'whole' };
    actor.send({ type: 'replaced', by: whole } as never);
    expect(actor.getSnapshot().context).toBe(whole);
    actor.send({ type: 'replaced', by: { notes: 'part' } } as never);
    expect(actor.getSnapshot().context).toEqual({ count: 7, notes: 'part' });
    expect(whole.notes).toBe('whole');
  });

  it('can be asked without an actor, as by XState', () => {
    const made = compiled(counter);
    const [first] = initialTransition(made);
    const [second] = transition(made, first, { type: 'counted' });
    expect(second.context).toEqual({ count: 1, notes: '' });
  });

  it('goes on from a persisted snapshot', () => {
    const actor = createActor(counter).start();
    actor.send({ type: 'counted' });
    const snapshot = actor.getPersistedSnapshot();
    const other = createActor(compiled(counter), { snapshot }).start();
    other.send({ type: 'counted' });
    expect(other.getSnapshot().context.count).toBe(2);
  });
});
