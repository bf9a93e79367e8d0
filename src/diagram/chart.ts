/**
 * A statechart as plain data, read from a machine: what the diagrams and the tables are drawn from.
 * Nothing is evaluated; guards, actions and delays are known by their names.
 */
import type { AnyStateNode, AnyTransitionDefinition } from 'xstate';
import { stateIdOf, type Trigger, transitionId, triggerOf } from './ids.ts';
import {
  actionNamesOf,
  actionParamsOf,
  guardNameOf,
  guardParamsOf,
  invokedNames,
  plainEventName,
  routeOf,
  StateNames,
} from './names.ts';

/** One arrow, or one thing a state does about an event without leaving. */
export interface Arrow {
  readonly id: string;
  /** The event's name, or the delay's; empty for what happens of itself. */
  readonly event: string;
  readonly kind: Trigger['kind'];
  /** In words; empty for none. */
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
  /** All of them are entered at once: there is one in each of several regions. */
  readonly targets: readonly string[];
  /** What the targets are called: by their keys, and as much before them as tells them apart. */
  readonly targetNames: readonly string[];
  /** Whether it leaves its own state even if it leads back there: `reenter`. */
  readonly isReentry: boolean;
  /** Whether it is taken when the guards before it say no. */
  readonly isElse: boolean;
  /** Whether its guard is asked only when the ones before it say no. */
  readonly isElseIf: boolean;
}

/** A state of a chart with all that is in it; the chart itself is the outermost one. */
export interface ChartState {
  /** Unique in the chart: the keys from the root on, joined by dots. */
  readonly id: string;
  readonly key: string;
  readonly kind: 'atomic' | 'compound' | 'parallel' | 'final' | 'history';
  /** The id of the state in it where it begins; null where it has none. */
  readonly initial: string | null;
  readonly entry: readonly string[];
  /** What each of the actions is given, as far as the chart says it. */
  readonly entryParams: readonly string[];
  readonly exit: readonly string[];
  readonly exitParams: readonly string[];
  /** Actors that live while it is active. */
  readonly invoked: readonly string[];
  readonly description: string;
  readonly tags: readonly string[];
  /**
   * For history states: how much they remember, and where they lead while there is none, as a path
   * from the root on; '' where the state around them begins.
   */
  readonly history: { readonly isDeep: boolean; readonly otherwise: string } | null;
  readonly arrows: readonly Arrow[];
  readonly states: readonly ChartState[];
}

/** Reads a machine of XState; nothing in it is run. */
export function chartOf(machine: AnyStateNode | { readonly root: AnyStateNode }): ChartState {
  const root = 'root' in machine ? machine.root : machine;
  return stateOf(root, new StateNames(root));
}

function stateOf(state: AnyStateNode, names: StateNames): ChartState {
  const initial = state.initial?.target?.[0];
  return {
    id: stateIdOf(state),
    key: state.key,
    kind: state.type,
    initial: state.type === 'compound' && initial !== undefined ? stateIdOf(initial) : null,
    entry: actionNamesOf(state.entry),
    entryParams: actionParamsOf(state.entry),
    exit: actionNamesOf(state.exit),
    exitParams: actionParamsOf(state.exit),
    invoked: invokedNames(state.invoke),
    description: state.description ?? '',
    tags: state.tags,
    history: historyOf(state, names),
    arrows: arrowsOf(state, names),
    states: Object.values(state.states).map((inner) => stateOf(inner, names)),
  };
}

function historyOf(state: AnyStateNode, names: StateNames): ChartState['history'] {
  const { type, history, config } = state;
  if (type !== 'history') return null;
  const targets = [config?.target ?? []].flat().filter((target) => typeof target === 'string');
  const paths = targets.map((target) => names.pathBeside(state, target) ?? target);
  return { isDeep: history === 'deep', otherwise: paths.join(' and ') };
}

function arrowsOf(state: AnyStateNode, names: StateNames): readonly Arrow[] {
  const arrows: Arrow[] = [];
  for (const [type, rivals] of state.transitions) {
    const trigger = triggerOf(state, type);
    arrows.push(...rivals.map((rival, at) => arrowOf(state, rival, trigger, at, names)));
  }
  const always = (state.always ?? []).map((rival, at) =>
    arrowOf(state, rival, { kind: 'always' }, at, names),
  );
  return [...arrows, ...always];
}

function arrowOf(
  state: AnyStateNode,
  transition: AnyTransitionDefinition,
  trigger: Trigger,
  position: number,
  names: StateNames,
): Arrow {
  const { actions, target, reenter } = transition;
  const source = stateIdOf(state);
  const route = trigger.kind === 'event' ? routeOf(trigger.name, target) : null;
  const guard = route === null ? transition.guard : route.guard;
  const event = trigger.kind === 'always' ? '' : plainEventName(state, trigger.name);
  const targets = (target ?? []).map(stateIdOf);
  const isGuarded = guard !== undefined && guard !== null;
  const isLater = position > 0 && route === null;
  return {
    id: transitionId(source, trigger, position),
    event: route?.name ?? event,
    kind: trigger.kind,
    guard: guardNameOf(guard),
    guardParams: guardParamsOf(guard),
    actions: actionNamesOf(actions),
    actionParams: actionParamsOf(actions),
    source,
    target: targets[0] ?? null,
    targets,
    targetNames: (target ?? []).map((each) => names.nameOf(each)),
    isReentry: reenter,
    isElse: isLater && !isGuarded,
    isElseIf: isLater && isGuarded,
  };
}

/** The state and everything inside it, outermost first. */
export function statesWithin(state: ChartState): readonly ChartState[] {
  return [state, ...state.states.flatMap(statesWithin)];
}

/** Whether `id` is the state itself or inside it. */
export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}
