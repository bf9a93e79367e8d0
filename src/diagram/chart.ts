/**
 * A statechart as plain data, read from a machine: what the diagrams and the tables are drawn from.
 * Nothing is evaluated; guards, actions and delays are known by their names.
 */

/** One arrow, or one thing a state does about an event without leaving. */
export interface Arrow {
  /** The event's name, or the delay's; empty for what happens of itself. */
  readonly event: string;
  readonly kind: 'event' | 'delay' | 'always';
  readonly guard: string;
  readonly actions: readonly string[];
  /** The id of the state it is declared in. */
  readonly source: string;
  /** The id of the state it leads to; null when it leads nowhere. */
  readonly target: string | null;
  readonly isReentry: boolean;
}

export interface ChartState {
  /** Unique in the chart: the keys from the root on, joined by dots. */
  readonly id: string;
  readonly key: string;
  readonly isParallel: boolean;
  readonly initial: string | null;
  readonly entry: readonly string[];
  readonly exit: readonly string[];
  readonly arrows: readonly Arrow[];
  readonly states: readonly ChartState[];
}

/** What is read of a machine's state: the part of XState's `StateNode` that is of interest here. */
export interface StateLike {
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly initial?: { readonly target?: readonly { readonly id: string }[] | undefined };
  readonly entry: readonly unknown[];
  readonly exit: readonly unknown[];
  readonly transitions: ReadonlyMap<string, readonly TransitionLike[]>;
  readonly always?: readonly TransitionLike[];
  readonly after: readonly { readonly eventType: string; readonly delay?: unknown }[];
  readonly states: Readonly<Record<string, StateLike>>;
}

interface TransitionLike {
  readonly guard?: unknown;
  readonly actions: readonly unknown[];
  readonly target?: readonly { readonly id: string }[] | undefined;
  readonly reenter: boolean;
}

export function chartOf(state: StateLike): ChartState {
  return {
    id: state.id,
    key: state.key,
    isParallel: state.type === 'parallel',
    initial: state.type === 'compound' ? (state.initial?.target?.[0]?.id ?? null) : null,
    entry: named(state.entry),
    exit: named(state.exit),
    arrows: arrowsOf(state),
    states: Object.values(state.states).map(chartOf),
  };
}

function arrowsOf(state: StateLike): readonly Arrow[] {
  const delays = new Map(state.after.map(({ eventType, delay }) => [eventType, String(delay)]));
  const arrows: Arrow[] = [];
  for (const [type, transitions] of state.transitions) {
    const delay = delays.get(type);
    const kind = delay === undefined ? 'event' : 'delay';
    for (const transition of transitions) {
      arrows.push(arrowOf(state, transition, kind, delay ?? type));
    }
  }
  for (const transition of state.always ?? []) {
    arrows.push(arrowOf(state, transition, 'always', ''));
  }
  return arrows;
}

function arrowOf(
  { id }: StateLike,
  { guard, actions, target, reenter }: TransitionLike,
  kind: Arrow['kind'],
  event: string,
): Arrow {
  return {
    event,
    kind,
    guard: guard === undefined ? '' : nameOf(guard),
    actions: named(actions),
    source: id,
    target: target?.[0]?.id ?? null,
    isReentry: reenter,
  };
}

function named(actions: readonly unknown[]): readonly string[] {
  return actions.filter((action) => !keepsTime(action)).map(nameOf);
}

/** XState's own actions, which keep the time of `after`, are no part of the chart. */
function keepsTime(action: unknown): boolean {
  const { id, sendId } = action as { id?: unknown; sendId?: unknown };
  return [id, sendId].some((name) => typeof name === 'string' && name.startsWith('xstate.after.'));
}

/** What has no name is shown as what it is: code in a chart. */
function nameOf(action: unknown): string {
  if (typeof action === 'string') return action;
  const { type } = action as { type?: unknown };
  return typeof type === 'string' && !type.startsWith('xstate.') ? type : INLINE;
}

/** What stands for a guard or an action that was given as a function instead of by its name. */
export const INLINE = '(inline)';

/** The state and everything inside it, outermost first. */
export function statesWithin(state: ChartState): readonly ChartState[] {
  return [state, ...state.states.flatMap(statesWithin)];
}

/** Whether `id` is the state itself or inside it. */
export function isWithin(id: string, ancestor: string): boolean {
  return id === ancestor || id.startsWith(`${ancestor}.`);
}
