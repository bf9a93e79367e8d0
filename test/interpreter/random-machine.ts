/**
 * Machines by chance: every kind of state, transition, guard and action that XState has, put together
 * without sense. The same seed gives the same machine, each time a new one.
 */
import {
  type AnyStateMachine,
  and,
  assign,
  cancel,
  emit,
  enqueueActions,
  fromCallback,
  fromTransition,
  log,
  not,
  or,
  raise,
  sendParent,
  sendTo,
  setup,
  spawnChild,
  stateIn,
  stopChild,
} from 'xstate';
import { SeededRandom } from '../../src/simulation/random.ts';

/** What may be sent to them; the last is known to no machine. */
export const EVENT_TYPES = ['go', 'a', 'a.b', 'a.b.c', 'a.c', 'tick', 'answer', 'nobody'] as const;
const DESCRIPTORS = [...EVENT_TYPES.slice(0, -1), '*', 'a.*', 'a.b.*'];
const CHILDREN = ['machine', 'echo', 'counter', 'failing'];
const DEPTH_MAX = 3;

interface Context {
  readonly count: number;
  readonly notes: readonly string[];
  readonly spawned?: unknown;
}

interface Given {
  readonly context: Context;
  readonly event: { readonly type: string };
}

type Config = Record<string, unknown>;

/** What the machine of the seed does is the same for every machine of it. */
export function randomMachine(seed: string, depth = 0): AnyStateMachine {
  return new Drawing(new SeededRandom(seed), seed, depth).machine();
}

class Drawing {
  readonly #random: SeededRandom;
  readonly #seed: string;
  readonly #depth: number;
  readonly #ids: string[] = [];
  /** Whether it fails now and then, and may go round in circles. */
  readonly #isWild: boolean;

  constructor(random: SeededRandom, seed: string, depth: number) {
    this.#random = random;
    this.#seed = seed;
    this.#depth = depth;
    this.#isWild = random.chance(0.25);
  }

  machine(): AnyStateMachine {
    const tree = this.#state('m', 0, 'compound');
    this.#connect(tree, 'm');
    const random = this.#random;
    const config = {
      ...tree,
      context: ({ input }: { readonly input?: number }) => ({ count: input ?? 1, notes: [] }),
      ...(random.chance(0.5) && { output: ({ context, event }: Given) => [context.count, event] }),
      options: { maxIterations: 25 },
    };
    return setup({
      actors: this.#actors() as never,
      actions: actions as never,
      guards: guards as never,
      delays: { soon: 3, later: ({ context }: Given) => 5 + (context.count % 7) } as never,
    }).createMachine(config as never) as unknown as AnyStateMachine;
  }

  #actors(): Record<string, unknown> {
    const isInnermost = this.#depth > 0;
    let greetings = 4;
    return {
      machine: isInnermost
        ? fromTransition((state: number) => state + 1, 0)
        : randomMachine(`${this.#seed} child`, 1),
      echo: fromCallback(({ sendBack, receive }) => {
        greetings -= 1;
        if (greetings > 0) sendBack({ type: 'answer' });
        receive((event) => {
          if (event.type === 'tick') sendBack({ type: 'a.c' });
        });
      }),
      counter: fromTransition((state: number) => state + 1, 0),
      failing: fromCallback(() => {
        throw new Error('the child has failed');
      }),
    };
  }

  #pick<Value>(values: readonly Value[]): Value {
    return values[this.#random.below(values.length)] as Value;
  }

  /** First all states, so that transitions can lead to any. */
  #state(id: string, level: number, kind = this.#kind(level)): Config {
    const random = this.#random;
    this.#ids.push(id);
    const common: Config = {
      id,
      ...(random.chance(0.2) && { tags: [`tag-${id}`, 'tagged'] }),
      ...(random.chance(0.2) && { meta: { id } }),
    };
    if (kind === 'history')
      return { ...common, type: 'history', history: this.#pick(['deep', true]) };
    if (kind === 'final') {
      const output = this.#pick([undefined, 'a constant', ({ context }: Given) => context.count]);
      return { ...common, type: 'final', ...(output !== undefined && { output }) };
    }
    if (kind === 'atomic') return common;
    const names = Array.from({ length: 1 + random.below(3) }, (_, at) => `s${at}`);
    // Regions that can all come to their ends.
    const isFinishing = kind === 'parallel' && level + 1 < DEPTH_MAX && random.chance(0.5);
    const kindOf = (at: number) => {
      if (isFinishing) return 'finishing';
      if (kind === 'finishing') return at === 0 ? 'atomic' : 'final';
      return kind === 'parallel' || at === 0 ? this.#plainKind(level + 1) : undefined;
    };
    const states: Record<string, Config> = Object.fromEntries(
      names.map((name, at) => [name, this.#state(`${id}-${name}`, level + 1, kindOf(at))]),
    );
    if (kind === 'parallel') return { ...common, type: 'parallel', states };
    if (random.chance(0.3)) states.past = this.#state(`${id}-past`, level + 1, 'history');
    let target = this.#pick(names);
    if (this.#isWild && random.chance(0.2) && states.past !== undefined) {
      // Without a target of its own it would lead to itself.
      states.past.target = target;
      target = 'past';
    }
    const initial = random.chance(0.2) ? { target, actions: this.#actions() } : target;
    return { ...common, initial, states };
  }

  #kind(level: number): string {
    return this.#random.chance(level > 1 ? 0.2 : 0.05) ? 'final' : this.#plainKind(level);
  }

  #plainKind(level: number): string {
    if (level >= DEPTH_MAX - this.#depth) return 'atomic';
    return this.#pick(['atomic', 'atomic', 'compound', 'parallel']);
  }

  /** Then what happens in them. */
  #connect(state: Config, id: string, siblings: readonly string[] = []): void {
    const random = this.#random;
    const states = (state.states ?? {}) as Record<string, Config>;
    const present = Object.keys(states).filter((name) => states[name]?.type !== 'history');
    for (const [name, child] of Object.entries(states)) {
      this.#connect(child, `${id}-${name}`, present);
    }
    if (state.type === 'history') {
      if (random.chance(0.5)) state.target ??= this.#pick(siblings);
      return;
    }
    if (random.chance(0.4)) state.entry = this.#actions();
    if (random.chance(0.4)) state.exit = this.#actions();
    if (state.type === 'final') return;
    const on: Record<string, unknown> = {};
    for (let left = 1 + random.below(3); left > 0; left -= 1) {
      on[this.#pick(DESCRIPTORS)] = this.#transitions(id);
    }
    state.on = on;
    if (random.chance(0.2)) state.always = this.#isWild ? this.#transitions(id) : this.#bounded(id);
    if (random.chance(0.25)) {
      state.after = { [this.#pick(['soon', 'later', '4'])]: this.#transitions(id) };
    }
    if (state.states !== undefined && random.chance(0.5)) state.onDone = this.#transitions(id);
    if (random.chance(0.2)) state.invoke = this.#invoked(id);
  }

  #invoked(id: string): Config {
    const random = this.#random;
    return {
      src: this.#pick(this.#isWild ? CHILDREN : CHILDREN.slice(0, -1)),
      ...(random.chance(0.7) && { id: `child-${id}` }),
      ...(random.chance(0.5) && { input: ({ context }: Given) => context.count }),
      ...(random.chance(0.5) && { onDone: this.#transitions(id) }),
      ...(random.chance(0.6) && { onError: this.#transitions(id) }),
      ...(random.chance(0.3) && { onSnapshot: this.#transitions(id) }),
    };
  }

  #transitions(id: string, guarded = 0.4): Config | readonly Config[] {
    const random = this.#random;
    const one = (): Config => ({
      ...(random.chance(0.75) && { target: this.#targets(id) }),
      ...(random.chance(0.3) && { reenter: true }),
      ...(random.chance(guarded) && { guard: this.#guard() }),
      ...(random.chance(0.6) && { actions: this.#actions() }),
    });
    return random.chance(0.6) ? one() : [one(), one()];
  }

  /** Eventless ones that end some time. */
  #bounded(id: string): readonly Config[] {
    const bound = this.#random.below(40);
    const one = (): Config => ({
      ...(this.#transitions(id) as readonly Config[])[0],
      target: this.#targets(id),
      guard: { type: 'isBelow', params: { bound } },
      actions: ['increment', ...this.#actions()],
    });
    return [one(), one()];
  }

  /** Mostly one; several may be at odds with each other. */
  #targets(id: string): string | readonly string[] {
    const random = this.#random;
    const below = this.#ids.filter((each) => each.startsWith(`${id}-`));
    const one = () => `#${this.#pick(below.length > 0 && random.chance(0.3) ? below : this.#ids)}`;
    return random.chance(0.1) ? [one(), one()] : one();
  }

  #guard(level = 0): unknown {
    const random = this.#random;
    const inner = () => this.#guard(level + 1);
    const drawn = random.below(level > 1 ? 4 : 9);
    if (drawn === 0) return { type: 'isBelow', params: { bound: random.below(30) } };
    if (drawn === 1)
      return {
        type: 'isBelow',
        params: ({ context }: Given) => ({ bound: context.count + (context.count % 2) }),
      };
    if (drawn === 2) return ({ context }: Given) => context.count % 3 !== 0;
    if (drawn === 3)
      return this.#pick(this.#isWild ? ['isEven', 'isFailing', 'isUnknown'] : ['isOdd']);
    if (drawn === 4) return stateIn(`#${this.#pick(this.#ids)}`);
    if (drawn === 5) return not(inner() as never);
    if (drawn === 6) return and([inner() as never, inner() as never]);
    if (drawn === 7) return or([inner() as never, inner() as never]);
    return 'isEven';
  }

  #actions(): readonly unknown[] {
    return Array.from({ length: 1 + this.#random.below(3) }, () => this.#action());
  }

  #action(): unknown {
    const random = this.#random;
    const event = { type: this.#pick(EVENT_TYPES) };
    const child = this.#pick(['kept', `child-${this.#pick(this.#ids)}`]);
    const drawn = random.below(30);
    if (drawn < 4) return this.#pick(['note', 'increment', 'double', 'replace']);
    if (drawn < 6) return { type: 'add', params: { step: random.below(5) } };
    if (drawn === 6)
      return { type: 'add', params: ({ context }: Given) => ({ step: context.count % 4 }) };
    if (drawn < 9)
      return emit(random.chance(0.5) ? event : ({ context }) => ({ type: 'told', context }));
    if (drawn < 11) return this.#isWild ? raise(event as never) : 'raiseSometimes';
    if (drawn === 11)
      return raise(event as never, {
        delay: this.#pick(['soon', 'later', 2]) as never,
        id: 'timer',
      });
    if (drawn === 12) return cancel('timer');
    if (drawn === 13) return sendTo(itself as never, event as never, { delay: 1 });
    if (drawn === 14 && this.#isWild) return sendTo(itself as never, event as never);
    if (drawn < 17) return enqueueActions(this.#collector(event) as never);
    if (drawn < 19) return { type: 'custom', params: ({ event: by }: Given) => by.type };
    if (drawn === 19)
      return spawnChild(
        this.#pick(CHILDREN.slice(0, -1)) as never,
        { id: this.#pick(['kept', 'other']) } as never,
      );
    if (drawn === 20) return stopChild('kept');
    if (drawn === 21) return log(({ context }: Given) => context.count, 'logged');
    if (drawn === 22)
      return assign({
        spawned: ({ spawn }) => spawn('counter' as never, { id: 'kept' } as never) as never,
      });
    if (drawn === 23 && this.#depth > 0) return sendParent(event as never);
    if (drawn === 24) return this.#pick(['isNotThere', { type: 'isNotThere', params: 1 }]);
    if (drawn === 25 && this.#isWild) return sendTo(child, event as never);
    if (drawn === 26 && this.#isWild && random.chance(0.3)) return 'fail';
    if (drawn === 27) return function inline() {};
    return 'note';
  }

  #collector(event: { readonly type: string }) {
    const random = this.#random;
    const [isRaising, isSpawning, isSending] = [0.3, 0.2, 0.3].map((of) => random.chance(of));
    const guard = this.#guard(1);
    return ({ context, enqueue, check, self }: never) => {
      const { count } = context as Context;
      const enqueued = enqueue as never as Enqueue;
      enqueued.assign({ count: count + 1, notes: ({ context: now }: Given) => now.notes });
      if ((check as (guard: unknown) => boolean)(guard)) enqueued('increment');
      enqueued.assign(() => ({ notes: ['enqueued'], count: count + 2 }));
      enqueued.emit({ type: 'told', count });
      if (isRaising && count % 4 === 0) enqueued.raise(event);
      if (isSpawning) enqueued.spawnChild('echo', { id: 'enqueued' });
      if (isSending) enqueued.sendTo(self, event, { delay: 2, id: 'timer' });
      else enqueued.cancel('timer');
      if (isSpawning && count % 2 === 0) enqueued.stopChild('enqueued');
      enqueued({ type: 'add', params: { step: 1 } });
    };
  }
}

interface Enqueue {
  (action: unknown): void;
  assign(assignment: unknown): void;
  emit(event: unknown): void;
  raise(event: unknown): void;
  spawnChild(source: unknown, options: unknown): void;
  sendTo(to: unknown, event: unknown, options: unknown): void;
  cancel(id: string): void;
  stopChild(id: string): void;
}

const itself = ({ self }: { readonly self: unknown }) => self;

const guards = {
  isEven: ({ context }: Given) => context.count % 2 === 0,
  isOdd: not('isEven'),
  isBelow: ({ context }: Given, { bound }: { readonly bound: number }) => context.count < bound,
  isFailing: () => {
    throw new Error('the guard has failed');
  },
};

const actions = {
  note: assign({
    notes: ({ context, event }: Given) => [...context.notes, event.type].slice(-5),
  } as never),
  increment: assign({ count: ({ context }: Given) => context.count + 1 } as never),
  double: assign(({ context }: Given) => ({ count: (context.count * 2) % 97 })),
  replace: assign(({ context }: Given) => ({ ...context, notes: [] })),
  add: assign(({ context }: Given, { step }: { readonly step: number }) => ({
    count: context.count + step,
  })) as never,
  raiseSometimes: enqueueActions(({ context, event, enqueue }) => {
    const { count } = context as unknown as Context;
    if (count % 3 === 0) enqueue.raise({ type: 'answer', by: event.type } as never);
    enqueue('increment' as never);
  }),
  custom: () => undefined,
  fail: () => {
    throw new Error('the action has failed');
  },
};
