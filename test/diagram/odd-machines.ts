/** Machines of other people, with what ours do not have. */
import { and, assign, createMachine, fromPromise, not, raise, setup, stateIn } from 'xstate';

/** Everything in the chart is code: nothing has a name. */
const inline = createMachine({
  id: 'inline',
  initial: 'here',
  context: { count: 0 },
  states: {
    here: {
      entry: [() => {}, assign({ count: 1 }), raise({ type: 'go' })],
      on: {
        go: [
          { guard: () => false, target: 'there' },
          { target: 'there', actions: () => {} },
        ],
      },
      after: { 1000: 'there' },
    },
    there: { type: 'final' },
  },
});

const player = setup({
  types: { tags: {} as 'busy' | 'idle' },
  actors: { loadTrack: fromPromise(async () => 1) },
  guards: { isOnline: () => true, isMuted: () => false },
  actions: { show: () => {} },
}).createMachine({
  id: 'player',
  description: 'Plays one track after the other, and remembers where it was.',
  initial: 'loading',
  on: { 'key.*': { actions: 'show' }, '*': {}, eject: '.stopped', resume: '.playing.where' },
  states: {
    loading: {
      tags: ['busy'],
      invoke: { src: 'loadTrack', onDone: 'playing', onError: { target: 'stopped' } },
      on: { abort: { guard: not('isOnline'), target: 'stopped' } },
    },
    playing: {
      type: 'parallel',
      onDone: 'stopped',
      on: {
        skip: { guard: and(['isOnline', not('isMuted')]), target: ['.sound.loud', '.light.on'] },
        dim: { guard: stateIn('#lamp-on'), target: '#lamp-off' },
      },
      states: {
        sound: {
          initial: 'quiet',
          states: { quiet: { on: { louder: 'loud' } }, loud: { type: 'final' } },
        },
        light: {
          initial: 'on',
          states: {
            on: { id: 'lamp-on', on: { off: 'off' } },
            off: { id: 'lamp-off', type: 'final' },
          },
        },
        where: { type: 'history', history: 'deep' },
      },
    },
    stopped: { tags: ['idle'], on: { play: { target: 'stopped', reenter: true }, up: '#player' } },
  },
});

/** A name that would be markup, and one that is longer than any row. */
const hostile = createMachine({
  id: '<b>&"x"',
  initial: 'a & b',
  states: {
    'a & b': {
      entry: '<script>alert(1)</script>',
      on: {
        '"; --> [*] : #quot;\n%%': 'c|d',
        [`so.${'very'.repeat(20)}.long`]: { target: 'c|d', actions: ['`tick`', 'pipe|pipe'] },
      },
    },
    'c|d': {},
    a_b: {},
    'a b': { on: { 'a-->b': 'a_b' } },
  },
});

const single = createMachine({ id: 'single', on: { ping: { actions: 'pong' } } });

const twins = createMachine({
  id: 'twins',
  type: 'parallel',
  states: {
    left: { on: { swap: { target: ['right.b', 'left'] } } },
    right: { initial: 'a', states: { a: {}, b: { always: { target: 'a' } } } },
    bare: {},
  },
});

/** What the whole does about events counts in its states, but not where it is over. */
const resettable = createMachine({
  id: 'all',
  initial: 'idle',
  on: { RESET: '.idle' },
  states: {
    idle: { on: { START: 'busy' } },
    busy: { initial: 'one', states: { one: { on: { END: '#all.end' } } } },
    end: { type: 'final' },
  },
});

/** Guards and actions that are given something, and functions with and without names. */
const isLarge = () => true;
const given = setup({
  guards: { isOver: (_, _params: { amount: number; unit: string }) => true },
  actions: { say: (_, _params: { text: string; words: string[] }) => {}, add: () => {} },
}).createMachine({
  id: 'given',
  initial: 'first',
  states: {
    first: {
      entry: { type: 'say', params: { text: 'a|b', words: ['c'] } },
      on: {
        pay: [
          { guard: { type: 'isOver', params: { amount: 10, unit: 'EUR' } }, target: 'second' },
          { guard: not({ type: 'isOver', params: { amount: 5, unit: 'EUR' } }), target: 'third' },
        ],
        name: { guard: isLarge, actions: [function greet() {}, () => {}], target: 'second' },
        compute: { actions: { type: 'say', params: () => ({ text: 'x', words: [] }) } },
      },
    },
    second: {
      initial: 'a',
      states: {
        a: {},
        b: {},
        again: { type: 'history' },
        before: { type: 'history', history: 'deep', target: 'b' },
        elsewhere: { type: 'history', target: '#far' },
      },
    },
    third: { id: 'far' },
  },
});

/** The one in docs/guide/diagrams.md. */
const light = createMachine({
  id: 'light',
  initial: 'green',
  states: {
    green: { after: { greenPhase: 'amber' } },
    amber: { after: { 3000: 'red' } },
    red: {
      entry: 'callAttention',
      on: { 'car.arrived': { guard: 'isQuiet', target: 'green', actions: 'count' } },
    },
  },
});

export const odd = {
  light,
  inline,
  player,
  hostile,
  single,
  twins,
  resettable,
  given,
} as const;
