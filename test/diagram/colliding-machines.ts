/** Machines in which names, targets and returns are easily taken for each other. */
import { and, createMachine, fromPromise } from 'xstate';

const playing = (history: 'shallow' | 'deep') => ({
  initial: 'x',
  states: {
    x: { on: { N: 'y' } },
    y: { initial: 'p', states: { p: { on: { N: 'q' } }, q: {} } },
    memory: { type: 'history' as const, history },
  },
});

/** Two history states of one name, one deep and one shallow; two more with a way in. */
const histories = createMachine({
  id: 'histories',
  initial: 'off',
  states: {
    off: { on: { A: 'a.memory', B: 'b.memory', C: 'c.last' } },
    a: { ...playing('shallow'), on: { OFF: 'off' } },
    b: { ...playing('deep'), on: { SWAP: 'a.memory', OFF: 'off' } },
    c: {
      initial: 'x',
      states: {
        x: {},
        y: {},
        last: { type: 'history', history: 'deep', target: 'y' },
        away: { type: 'history', target: '#off\\.far.deep' },
      },
    },
    far: { id: 'off.far', initial: 'deep', states: { deep: {} } },
  },
});

/** States of one name in several places. */
const sameNames = createMachine({
  id: 'sameNames',
  initial: 'first',
  on: { STOP: '.second.idle' },
  states: {
    first: {
      initial: 'idle',
      states: { idle: { on: { GO: 'busy', OVER: '#sameNames.second.busy' } }, busy: {} },
    },
    second: {
      initial: 'idle',
      states: {
        idle: { on: { BACK: '#sameNames.first.busy' } },
        busy: { initial: 'idle', states: { idle: { on: { OUT: '#sameNames.first.idle' } } } },
      },
    },
  },
});

/** Keys with dots, beside the states that they could be taken for; an id with dots. */
const dotted = createMachine({
  id: 'com.example.app',
  initial: 'a',
  entry: 'begin',
  states: {
    a: { initial: 'b', states: { b: { on: { UP: '#other\\.id' } } }, on: { GO: 'a\\.b' } },
    'a.b': { on: { BACK: 'a', 'user.left': 'v1\\.0' } },
    'v1.0': { id: 'other.id', entry: 'greet' },
  },
});

/** One transition that enters two regions at once, and two that are alternatives. */
const forks = createMachine({
  id: 'forks',
  initial: 'off',
  states: {
    off: {
      on: {
        BOTH: { target: ['on.left.b', 'on.right.b'], actions: 'count' },
        EITHER: [{ guard: 'isLeft', target: 'on.left.b' }, 'on.right.b'],
      },
    },
    on: {
      type: 'parallel',
      on: { RESTART: { target: ['.left.a', '.right.a'] } },
      states: {
        left: { initial: 'a', states: { a: { on: { CROSS: { target: ['b', '#rb'] } } }, b: {} } },
        right: { initial: 'a', states: { a: {}, b: { id: 'rb' } } },
      },
    },
  },
});

/** Targets that are the state itself, something in it or around it, with and without `reenter`. */
const returns = createMachine({
  id: 'returns',
  initial: 'a',
  on: { WHOLE: '#returns', ANEW: { target: '#returns', reenter: true }, FIRST: '.a' },
  states: {
    a: {
      initial: 'x',
      on: {
        SELF: 'a',
        SELF_ANEW: { target: 'a', reenter: true },
        IN: '.y',
        IN_ANEW: { target: '.y', reenter: true },
      },
      states: {
        x: {
          entry: 'entered',
          on: {
            STAY: { target: 'x', actions: 'count' },
            STAY_ANEW: { target: 'x', reenter: true },
            NOTHING: 'x',
            UP: '#returns.a',
            TOP: '#returns',
          },
        },
        y: { after: { 1000: { target: 'y', reenter: true } } },
      },
    },
    b: {},
  },
});

/** Guards that are asked one after the other, also where nothing else happens. */
const ordered = createMachine({
  id: 'ordered',
  initial: 'asking',
  states: {
    asking: {
      always: [
        { guard: 'isHot', target: 'hot' },
        { guard: 'isWarm', target: 'warm' },
        { target: 'cold' },
      ],
      on: {
        T: [
          { guard: 'isHot', target: 'hot' },
          { guard: and(['isWarm', 'isDry']), target: 'warm' },
        ],
      },
      after: { wait: [{ guard: 'isHot', target: 'hot' }, { target: 'cold' }] },
    },
    hot: { type: 'final', output: { degrees: 90 } },
    warm: {},
    cold: {},
  },
});

/** XState's own names for what is written as `onDone`, `onError`, `onSnapshot`, `after`, `route`. */
const internal = createMachine({
  id: 'internal',
  initial: 'loading',
  states: {
    loading: {
      invoke: [
        { src: 'load', onDone: 'part', onError: 'failed' },
        { src: 'load', id: 'again', onDone: 'part', onSnapshot: { actions: 'show' } },
        { src: fromPromise(async () => 2), onDone: 'part' },
        { src: fromPromise(async () => 3), onError: 'failed' },
        { src: fromPromise(async () => 4), id: 'own', onError: 'failed' },
      ],
      on: { 'xstate.done.state.internal.part': 'failed' },
    },
    part: {
      initial: 'x',
      onDone: 'failed',
      states: { x: { type: 'final', output: 7 } },
    },
    failed: {},
    settings: { id: 'settings', route: { guard: 'isKnown' } },
    page: {
      id: 'page',
      route: {},
      initial: 'top',
      states: { top: {}, end: { id: 'pageEnd', route: { actions: 'scroll' } } },
    },
  },
});

export const colliding = {
  histories,
  sameNames,
  dotted,
  forks,
  returns,
  ordered,
  internal,
} as const;
