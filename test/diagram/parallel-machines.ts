/** Parallel states of the kinds on which Mermaid's layout is known to fail when divided by lines. */
import { createMachine } from 'xstate';

const region = (more: object = {}) => ({
  initial: 'x',
  states: { x: { on: { T: 'y' } }, y: {} },
  ...more,
});
const stepping = {
  initial: 'x',
  states: {
    x: { on: { T: 'c' } },
    c: { initial: 'c1', states: { c1: { on: { N: 'c2' } }, c2: {} } },
  },
};
const inside = (id: string, states: Readonly<Record<string, object>>) =>
  createMachine({ id, initial: 'f', states: { f: { type: 'parallel', states: { ...states } } } });

/** What a region does stands in a note beside it. */
const noted = inside('noted', {
  a: region({ entry: 'hello' }),
  b: region({ exit: 'bye' }),
  c: region(),
});
const whole = createMachine({
  id: 'root',
  type: 'parallel',
  states: { a: region({ entry: 'hello' }), b: region({ on: { RESET: '.x' } }) },
});

/** An arrow that ends at a composite state: with T, from the border, and from the start. */
const first = inside('first', { a: stepping, b: region() });
const last = inside('last', { a: region(), b: stepping });
const leaving = inside('leaving', {
  a: { initial: 'c', states: { c: { ...region(), on: { BACK: 'd' } }, d: {} } },
  b: region(),
});
const outermost = createMachine({
  id: 'outermost',
  type: 'parallel',
  states: { a: stepping, b: region() },
});

/** Parallel states inside others. */
const nested = inside('nested', {
  a: { type: 'parallel', entry: 'hello', states: { p: region(), q: {} } },
  b: region({ entry: 'hello' }),
});
const deep = createMachine({
  id: 'deep',
  initial: 'off',
  states: {
    off: { on: { GO: 'on' } },
    on: {
      entry: 'start',
      initial: 'busy',
      states: {
        busy: { type: 'parallel', exit: 'bye', onDone: 'idle', states: { p: region(), q: {} } },
        idle: {},
      },
    },
  },
});

export const parallel = {
  noted,
  whole,
  first,
  last,
  leaving,
  outermost,
  nested,
  deep,
} as const;
