/** The arrows of a chart as they are drawn: between two states of the same parent, merged. */
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { targetLabel, transitionLabel, triggerLabel } from './labels.ts';

/** Everything that leads from one state to another inside the same parent. */
export interface Bundle {
  /** The innermost state that holds both ends. */
  readonly within: string;
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
}

/** All of them; the root's arrows leave from each of its states that does not answer them itself. */
export function bundlesOf(root: ChartState): readonly Bundle[] {
  const bundles = new Map<string, Bundle>();
  const add = (from: ChartState, arrow: Arrow, label: string) => {
    for (const target of arrow.targets) {
      const bundle = bundleOf(root, from, arrow, target, label);
      if (bundle === null) continue;
      const key = `${bundle.from} ${bundle.to}`;
      const known = bundles.get(key)?.labels ?? [];
      bundles.set(key, { ...bundle, labels: [...new Set([...known, ...bundle.labels])] });
    }
  };
  for (const state of root.states) {
    for (const arrow of inherited(root, state)) add(state, arrow, transitionLabel(arrow, root));
  }
  for (const state of statesWithin(root)) {
    if (state === root) continue;
    for (const arrow of state.arrows) add(state, arrow, transitionLabel(arrow, state));
  }
  return [...bundles.values()];
}

/**
 * The root's arrows that count in this state of it: those it does not answer itself. In a final
 * state of the root the machine is over, and a history state is never where it is.
 */
export function inherited(root: ChartState, state: ChartState): readonly Arrow[] {
  if (state.kind === 'final' || state.kind === 'history') return [];
  const isAnswered = ({ event, guard }: Arrow) =>
    state.arrows.some((own) => own.event === event && (own.guard === '' || own.guard === guard));
  return root.arrows.filter((arrow) => !isAnswered(arrow));
}

function bundleOf(
  root: ChartState,
  { id }: ChartState,
  arrow: Arrow,
  target: string,
  full: string,
): Bundle | null {
  if (isWithin(target, id) || isWithin(id, target)) return null;
  const within = statesWithin(root).findLast(
    (state) => isWithin(id, state.id) && isWithin(target, state.id),
  );
  if (within === undefined) return null;
  const end = (inner: string) => within.states.find((state) => isWithin(inner, state.id)) ?? within;
  const to = end(target);
  const from = end(id);
  const isLifted = from.id !== id;
  const label = isLifted ? triggerLabel(arrow) || full : full;
  // Where one transition leads to several states, each of its arrows says so.
  const isSaid = target !== to.id || arrow.targets.length > 1;
  const text = (isSaid ? `${label} ${targetLabel(arrow)}` : label).trim();
  return { within: within.id, from: from.id, to: to.id, labels: text === '' ? [] : [text] };
}
