/**
 * A chart as a Mermaid `stateDiagram-v2`. What makes it readable: arrows between the same two states
 * are one; an arrow that leaves a composite state leaves it at its border, and stands written out in
 * the box it comes from; so does what leads a state back to itself; and what a composite does for
 * all of its parts stands in a note beside it.
 */
import { type Bundle, bundlesOf, inherited } from './bundles.ts';
import { type Arrow, type ChartState, isWithin } from './chart.ts';
import { keyOf, labelOf, mermaidId } from './labels.ts';

export function stateDiagram(root: ChartState): string {
  const bundles = bundlesOf(root);
  const shown =
    root.kind === 'parallel' ? { ...root, kind: 'compound' as const, states: [root] } : root;
  const lines = ['stateDiagram-v2', '  direction TB', ...bodyOf(shown, bundles, '  ')];
  return `${lines.join('\n')}\n`;
}

function bodyOf(state: ChartState, bundles: readonly Bundle[], indent: string): string[] {
  const lines: string[] = [];
  if (state.initial !== null) lines.push(`${indent}[*] --> ${mermaidId(state.initial)}`);
  for (const [position, child] of state.states.entries()) {
    if (state.kind === 'parallel' && position > 0) lines.push(`${indent}--`);
    lines.push(...boxOf(child, bundles, indent));
  }
  const own = bundles.filter((bundle) => bundle.within === state.id);
  for (const { from, to, labels } of own) {
    const text = labels.length === 0 ? '' : ` : ${labels.join('<br/>')}`;
    lines.push(`${indent}${mermaidId(from)} --> ${mermaidId(to)}${text}`);
  }
  for (const child of state.states) {
    const returning = inherited(state, child).filter(({ target }) => target === child.id);
    lines.push(
      ...noteOf(
        child,
        returning.map((arrow) => `${labelOf(arrow, state)} ↻`),
        indent,
      ),
    );
  }
  return lines;
}

function boxOf(state: ChartState, bundles: readonly Bundle[], indent: string): string[] {
  const id = mermaidId(state.id);
  const head = `${indent}state "${state.key}" as ${id}`;
  if (state.states.length > 0) {
    return [`${head} {`, ...bodyOf(state, bundles, `${indent}  `), `${indent}}`];
  }
  return [head, ...insideOf(state).map((line) => `${indent}${id} : ${line}`)];
}

/** What a state does on entry and exit, what leads back to it, and what leads out of its parent. */
function insideOf(state: ChartState): string[] {
  return [
    ...state.entry.map((action) => `entry / ${action}`),
    ...state.exit.map((action) => `exit / ${action}`),
    ...new Set(state.arrows.flatMap((arrow) => written(arrow, state))),
  ];
}

function written(arrow: Arrow, state: ChartState): readonly string[] {
  const { target } = arrow;
  if (target === null) return [];
  const label = labelOf(arrow, state);
  if (target === state.id) return [`${label} ↻`];
  const parent = state.id.slice(0, state.id.lastIndexOf('.'));
  const isInside = isWithin(target, state.id);
  if (!isInside && isWithin(target, parent)) return [];
  return [`${label} → ${keyOf(target)}`.trim()];
}

function noteOf(state: ChartState, returning: readonly string[], indent: string): string[] {
  if (state.states.length === 0 || !state.id.includes('.')) return [];
  const lines = [...insideOf(state), ...returning];
  if (lines.length === 0) return [];
  return [
    `${indent}note right of ${mermaidId(state.id)}`,
    ...lines.map((line) => `${indent}  ${line}`),
    `${indent}end note`,
  ];
}
