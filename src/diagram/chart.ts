/**
 * A statechart as plain data, read from a machine: what the diagrams and the tables are drawn from.
 * Nothing is evaluated; guards, actions and delays are known by their names.
 */
import { type Placed, stateIdOf, type Trigger, transitionId, triggerOf } from './ids.ts';
import { actionNamesOf, actionParamsOf, guardNameOf, guardParamsOf, INLINE } from './names.ts';

export { INLINE };

/** One arrow, or one thing a state does about an event without leaving. */
export interface Arrow {
  readonly id: string;
  /** The event's name, or the delay's; empty for what happens of itself. */
  readonly event: string;
  readonly kind: Trigger['kind'];
  readonly guard: string;
  /** What the guard is given, as far as that is written in the chart. */
  readonly guardParams: string;
  readonly actions: readonly string[];
  /** What each of the actions is given. */
  readonly actionParams: readonly string[];
  /** The id of the state it is declared in. */
  readonly source: string;
  /** The id of the state it leads to, the first of several; null when it leads nowhere. */
  readonly target: string | null;
  readonly targets: readonly string[];
  readonly isReentry: boolean;
  /** Whether it is taken when the guards before it say no. */
  readonly isElse: boolean;
}

export interface ChartState {
  /** Unique in the chart: the keys from the root on, joined by dots. */
  readonly id: string;
  readonly key: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  readonly initial: string | null;
  readonly entry: readonly string[];
  readonly entryParams: readonly string[];
  readonly exit: readonly string[];
  readonly exitParams: readonly string[];
  /** Actors that live while it is active. */
  readonly invoked: readonly string[];
  readonly description: string;
  readonly tags: readonly string[];
  /** For history states: how much they remember, and where they lead while there is none. */
  readonly history: { readonly isDeep: boolean; readonly otherwise: string } | null;
  readonly arrows: readonly Arrow[];
  readonly states: readonly ChartState[];
}

/** What is read of a machine's state: the part of XState's `StateNode` that is of interest here. */
export interface StateLike extends Placed {
  readonly key: string;
  readonly type: string;
  readonly history?: 'shallow' | 'deep' | boolean | undefined;
  readonly config?: { readonly target?: unknown } | undefined;
  readonly initial?: { readonly target?: readonly Placed[] | undefined };
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly invoke: readonly { readonly id: string; readonly src: unknown }[];
  readonly description?: string | undefined;
  readonly tags: readonly string[];
  readonly transitions: ReadonlyMap<string, readonly TransitionLike[]>;
  readonly always?: readonly TransitionLike[] | undefined;
  readonly after: readonly { readonly eventType: string; readonly delay?: unknown }[];
  readonly states: Readonly<Record<string, StateLike>>;
}

interface TransitionLike {
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly target?: readonly Placed[] | undefined;
  readonly reenter: boolean;
}

export function chartOf(machine: StateLike | { readonly root: StateLike }): ChartState {
  return stateOf('root' in machine ? machine.root : machine);
}

function stateOf(state: StateLike): ChartState {
  const initial = state.initial?.target?.[0];
  return {
    id: stateIdOf(state),
    key: state.key,
    kind: state.type as ChartState['kind'],
    initial: state.type === 'compound' && initial !== undefined ? stateIdOf(initial) : null,
    entry: actionNamesOf(state.entry),
    entryParams: actionParamsOf(state.entry),
    exit: actionNamesOf(state.exit),
    exitParams: actionParamsOf(state.exit),
    invoked: state.invoke.map(invokedName),
    description: state.description ?? '',
    tags: state.tags,
    history: historyOf(state),
    arrows: arrowsOf(state),
    states: Object.values(state.states).map(stateOf),
  };
}

function historyOf({ type, history, config }: StateLike): ChartState['history'] {
  if (type !== 'history') return null;
  const target = config?.target;
  return { isDeep: history === 'deep', otherwise: typeof target === 'string' ? target : '' };
}

function arrowsOf(state: StateLike): readonly Arrow[] {
  const arrows: Arrow[] = [];
  for (const [type, rivals] of state.transitions) {
    const trigger = triggerOf(state, type);
    arrows.push(...rivals.map((rival, at) => arrowOf(state, rival, trigger, at)));
  }
  const always = state.always ?? [];
  return [...arrows, ...always.map((rival, at) => arrowOf(state, rival, { kind: 'always' }, at))];
}

function arrowOf(
  state: StateLike,
  { guard, actions, target, reenter }: TransitionLike,
  trigger: Trigger,
  position: number,
): Arrow {
  const source = stateIdOf(state);
  const targets = (target ?? []).map(stateIdOf);
  return {
    id: transitionId(source, trigger, position),
    event: trigger.kind === 'always' ? '' : eventOf(state, trigger.name),
    kind: trigger.kind,
    guard: guardNameOf(guard),
    guardParams: guardParamsOf(guard),
    actions: actionNamesOf(actions),
    actionParams: actionParamsOf(actions),
    source,
    target: targets[0] ?? null,
    targets,
    isReentry: reenter,
    isElse: position > 0 && (guard === undefined || guard === null),
  };
}

/** What XState calls `xstate.done.actor.…` stands in a chart as `onDone`, with the actor's name. */
const ownEvents = [
  { prefix: 'xstate.done.actor.', word: 'onDone' },
  { prefix: 'xstate.error.actor.', word: 'onError' },
  { prefix: 'xstate.snapshot.', word: 'onSnapshot' },
];

function eventOf({ invoke }: StateLike, type: string): string {
  if (type.startsWith('xstate.done.state.')) return 'onDone';
  for (const { prefix, word } of ownEvents) {
    if (!type.startsWith(prefix)) continue;
    const actor = invoke.find(({ id }) => id === type.slice(prefix.length));
    return actor === undefined ? type : `${word} ${invokedName(actor)}`;
  }
  return type;
}

/** By its source's name; by its own id where the source is code. */
function invokedName({ id, src }: { readonly id: string; readonly src: unknown }): string {
  if (typeof src === 'string' && !src.startsWith('xstate.')) return src;
  return /^\d+\./.test(id) ? INLINE : id;
}

/** The state and everything inside it, outermost first. */
export function statesWithin(state: ChartState): readonly ChartState[] {
  return [state, ...state.states.flatMap(statesWithin)];
}

/** Whether `id` is the state itself or inside it. */
export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}
