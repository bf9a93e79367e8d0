/**
 * A chart as a Mermaid `stateDiagram-v2`. What makes it readable: arrows between the same two states
 * are one; an arrow that leaves a composite state leaves it at its border, and stands written out in
 * the box it comes from; so does what leads a state back to itself; and what a composite does for
 * all of its parts stands in a note beside it.
 */
import { type Bundle, bundlesOf, inherited } from './bundles.ts';
import { type Arrow, type ChartState, isWithin } from './chart.ts';
import { keyOf, labelOf } from './labels.ts';
import { mermaidIds, mermaidText } from './mermaid-text.ts';

interface Drawing {
  readonly bundles: readonly Bundle[];
  readonly idOf: (state: string) => string;
}

export function stateDiagram(root: ChartState): string {
  const ids = mermaidIds(root);
  const drawing = { bundles: bundlesOf(root), idOf: (state: string) => ids.get(state) ?? state };
  // Mermaid has no box for the whole, so a machine that is one box, or several regions, gets one.
  const isBoxed = root.kind === 'parallel' || root.states.length === 0;
  const shown = isBoxed ? { ...root, id: '', kind: 'compound' as const, states: [root] } : root;
  const lines = ['stateDiagram-v2', '  direction TB', ...bodyOf(shown, drawing, '  ')];
  return `${lines.join('\n')}\n`;
}

function bodyOf(state: ChartState, drawing: Drawing, indent: string): string[] {
  const { bundles, idOf } = drawing;
  const own = bundles.filter((bundle) => bundle.within === state.id);
  const lines: string[] = [];
  if (state.initial !== null) lines.push(`${indent}[*] --> ${idOf(state.initial)}`);
  // Mermaid fails on an arrow across a dividing line.
  const isDivided = state.kind === 'parallel' && own.length === 0;
  for (const [position, child] of state.states.entries()) {
    if (isDivided && position > 0) lines.push(`${indent}--`);
    // Beside the whole there is no note.
    const returning = state.id.includes('.') ? [] : returningTo(child, state);
    lines.push(...boxOf(child, returning, drawing, indent));
  }
  for (const { from, to, labels } of own) {
    const text = labels.length === 0 ? '' : ` : ${labels.map(mermaidText).join('<br/>')}`;
    lines.push(`${indent}${idOf(from)} --> ${idOf(to)}${text}`);
  }
  for (const { id, kind } of state.states) {
    if (kind === 'final') lines.push(`${indent}${idOf(id)} --> [*]`);
  }
  for (const child of state.states) {
    lines.push(...noteOf(child, returningTo(child, state), drawing, indent));
  }
  return lines;
}

/** What its parent does about events that leads back to where it is. */
function returningTo(state: ChartState, parent: ChartState): readonly string[] {
  return inherited(parent, state)
    .filter(({ targets }) => targets.includes(state.id))
    .map((arrow) => `${labelOf(arrow, parent)} ↻`);
}

function boxOf(
  state: ChartState,
  returning: readonly string[],
  drawing: Drawing,
  indent: string,
): string[] {
  const id = drawing.idOf(state.id);
  const name = state.kind === 'history' ? `${state.key} (history)` : state.key;
  const head = `${indent}state "${mermaidText(name)}" as ${id}`;
  if (state.states.length > 0) {
    return [`${head} {`, ...bodyOf(state, drawing, `${indent}  `), `${indent}}`];
  }
  const lines = [...new Set([...insideOf(state), ...returning])];
  return [head, ...lines.map((line) => `${indent}${id} : ${mermaidText(line)}`)];
}

/** What a state does on entry and exit, what leads back to it, and what leads out of its parent. */
function insideOf(state: ChartState): string[] {
  return [
    ...state.entry.map((action) => `entry / ${action}`),
    ...state.exit.map((action) => `exit / ${action}`),
    ...state.invoked.map((actor) => `invoke / ${actor}`),
    ...new Set(state.arrows.flatMap((arrow) => written(arrow, state))),
  ];
}

function written(arrow: Arrow, state: ChartState): readonly string[] {
  const label = labelOf(arrow, state);
  const parent = state.id.slice(0, state.id.lastIndexOf('.'));
  return arrow.targets.flatMap((target) => {
    if (target === state.id) return [`${label} ↻`];
    const isBeside = !isWithin(target, state.id) && isWithin(target, parent) && target !== parent;
    return isBeside ? [] : [`${label} → ${keyOf(target)}`.trim()];
  });
}

function noteOf(
  state: ChartState,
  returning: readonly string[],
  { idOf }: Drawing,
  indent: string,
): string[] {
  if (state.states.length === 0 || !state.id.includes('.')) return [];
  const lines = [...new Set([...insideOf(state), ...returning])];
  if (lines.length === 0) return [];
  return [
    `${indent}note right of ${idOf(state.id)}`,
    ...lines.map((line) => `${indent}  ${mermaidText(line)}`),
    `${indent}end note`,
  ];
}
