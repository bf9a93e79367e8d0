/**
 * A chart as a Mermaid `stateDiagram-v2`. What makes it readable: arrows between the same two states
 * are one; an arrow that leaves a composite state leaves it at its border, and stands written out in
 * the box it comes from; so does what leads a state back to itself; and what a composite does for
 * all of its parts stands in a note beside it.
 */
import { type Bundle, bundlesOf, inherited } from './bundles.ts';
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { leadsNowhere, targetLabel, transitionLabel } from './labels.ts';
import { mermaidIds, mermaidText } from './mermaid-text.ts';

interface Drawing {
  readonly root: ChartState;
  readonly bundles: readonly Bundle[];
  /** The parallel states whose regions are divided by lines. */
  readonly divided: ReadonlySet<string>;
  readonly idOf: (state: string) => string;
}

export function stateDiagram(root: ChartState): string {
  const ids = mermaidIds(root);
  const bundles = bundlesOf(root);
  const idOf = (state: string) => ids.get(state) ?? state;
  const drawing = { root, bundles, divided: dividedIn(root, bundles), idOf };
  // Mermaid has no box for the whole, so a machine that is one box, or several regions, gets one.
  const isBoxed = root.kind === 'parallel' || root.states.length === 0;
  const shown = isBoxed ? { ...root, id: '', kind: 'compound' as const, states: [root] } : root;
  const lines = ['stateDiagram-v2', '  direction TB', ...bodyOf(shown, drawing, '  ')];
  return `${lines.join('\n')}\n`;
}

function bodyOf(state: ChartState, drawing: Drawing, indent: string): readonly string[] {
  const { bundles, idOf } = drawing;
  const arrows = bundles
    .filter(({ within }) => within === state.id)
    .map(({ from, to, labels }) => {
      const text = labels.length === 0 ? '' : ` : ${labels.map(mermaidText).join('<br/>')}`;
      return `${indent}${idOf(from)} --> ${idOf(to)}${text}`;
    });
  const boxes = state.states.map((child) => boxOf(child, state, drawing, indent));
  const beside = state.states.map((child) => [
    ...(child.kind === 'final' ? [`${indent}${idOf(child.id)} --> [*]`] : []),
    ...noteOf(child, state, drawing, indent),
  ]);
  if (drawing.divided.has(state.id)) {
    // What is beside a region belongs before the line that ends it.
    const regions = boxes.map((box, at) => [...box, ...(beside[at] ?? [])]);
    return regions.flatMap((region, at) => (at === 0 ? region : [`${indent}--`, ...region]));
  }
  const start = state.initial === null ? [] : [`${indent}[*] --> ${idOf(state.initial)}`];
  return [...start, ...boxes.flat(), ...arrows, ...beside.flat()];
}

/** What its parent does about events that leads back to where it is, or to the whole. */
function returningTo(state: ChartState, parent: ChartState): readonly string[] {
  const isBack = (target: string) => isWithin(target, state.id) || target === parent.id;
  return inherited(parent, state)
    .filter(({ targets }) => targets.some(isBack))
    .map((arrow) => {
      const isOwn = arrow.targets.every((target) => target === state.id);
      const to = isOwn ? '' : `→ ${arrow.targetNames.join(' and ')} `;
      return `${transitionLabel(arrow, parent)} ${to}↻`.trim();
    });
}

function boxOf(
  state: ChartState,
  parent: ChartState,
  drawing: Drawing,
  indent: string,
): readonly string[] {
  const id = drawing.idOf(state.id);
  const name = `${mermaidText(state.key)}${wordFor(state, drawing)}`.trim();
  const head = `${indent}state "${name}" as ${id}`;
  if (isComposite(state)) {
    return [`${head} {`, ...bodyOf(state, drawing, `${indent}  `), `${indent}}`];
  }
  // What any other composite does about events stands in its note.
  const returning = parent.id === drawing.root.id ? returningTo(state, parent) : [];
  const lines = new Set([...insideOf(state, parent), ...returning]);
  return [head, ...[...lines].map((line) => `${indent}${id} : ${mermaidText(line)}`)];
}

/** What the shape of its box does not show. */
function wordFor({ id, kind, history }: ChartState, { divided }: Drawing): string {
  if (history !== null) return history.isDeep ? ' (deep history)' : ' (history)';
  return kind === 'parallel' && !divided.has(id) ? ' (parallel)' : '';
}

/** What a state does on entry and exit, what leads back to it, and what leads out of its parent. */
function insideOf(state: ChartState, parent: ChartState): readonly string[] {
  const otherwise = state.history?.otherwise ?? '';
  return [
    ...(otherwise === '' ? [] : [`otherwise → ${otherwise}`]),
    ...state.entry.map((action) => `entry / ${action}`),
    ...state.exit.map((action) => `exit / ${action}`),
    ...state.invoked.map((actor) => `invoke / ${actor}`),
    ...new Set(state.arrows.flatMap((arrow) => written(arrow, state, parent))),
  ];
}

function written(arrow: Arrow, state: ChartState, parent: ChartState): readonly string[] {
  const isBeside = (target: string) =>
    !isWithin(target, state.id) && isWithin(target, parent.id) && target !== parent.id;
  if (leadsNowhere(arrow, state) || arrow.targets.every(isBeside)) return [];
  return [`${transitionLabel(arrow, state)} ${targetLabel(arrow)}`.trim()];
}

/**
 * Where dividing lines stand between regions: only where Mermaid can lay them out. It fails on an
 * arrow across such a line, on an arrow at a composite state before one, and on most of what is
 * beside a divided state inside another state.
 */
function dividedIn(root: ChartState, bundles: readonly Bundle[]): ReadonlySet<string> {
  const outermost = root.kind === 'parallel' ? [root] : root.states;
  const ends = [
    ...bundles.flatMap(({ from, to }) => [from, to]),
    ...statesWithin(root).map(({ initial }) => initial),
  ];
  const divided = outermost.filter(({ id, kind, states }) => {
    const before = states.slice(0, -1).flatMap(statesWithin).filter(isComposite);
    const isCrossed = bundles.some(({ within }) => within === id);
    return kind === 'parallel' && !isCrossed && !before.some((each) => ends.includes(each.id));
  });
  return new Set(divided.map(({ id }) => id));
}

function noteOf(
  state: ChartState,
  parent: ChartState,
  { root, idOf }: Drawing,
  indent: string,
): readonly string[] {
  // Beside the whole there is no note.
  if (!isComposite(state) || state.id === root.id) return [];
  const lines = new Set([...insideOf(state, parent), ...returningTo(state, parent)]);
  if (lines.size === 0) return [];
  return [
    `${indent}note right of ${idOf(state.id)}`,
    ...[...lines].map((line) => `${indent}  ${mermaidText(line)}`),
    `${indent}end note`,
  ];
}

function isComposite({ states }: ChartState): boolean {
  return states.length > 0;
}
