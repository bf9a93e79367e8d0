/** A chart as a Markdown table: every event of every state, also what leads nowhere. */
import type { Arrow, ChartState } from './chart.ts';
import { statesWithin } from './chart.ts';
import { triggerOf } from './labels.ts';

type Row = readonly [event: string, guard: string, actions: string, target: string];

export function transitionTable(root: ChartState): string {
  const lines = ['| State | Event | If | Then | Goes to |', '| --- | --- | --- | --- | --- |'];
  for (const state of statesWithin(root)) {
    for (const [position, row] of rowsOf(state, root).entries()) {
      const name = position === 0 ? `**${shortId(state.id, root)}**` : '';
      lines.push(`| ${[name, ...row].join(' | ')} |`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function rowsOf(state: ChartState, root: ChartState): readonly Row[] {
  const rows: Row[] = [];
  if (state.entry.length > 0) rows.push(['*entry*', '', code(state.entry), '']);
  if (state.exit.length > 0) rows.push(['*exit*', '', code(state.exit), '']);
  for (const arrow of state.arrows) rows.push(rowOf(arrow, state, root));
  if (rows.length === 0) rows.push(['', '', '', '']);
  return rows;
}

function rowOf(arrow: Arrow, state: ChartState, root: ChartState): Row {
  const event = arrow.kind === 'always' ? '*at once*' : `\`${triggerOf(arrow)}\``;
  const guard = arrow.guard === '' ? '' : `\`${arrow.guard}\``;
  const isSwallowed = arrow.target === null && arrow.actions.length === 0;
  return [
    event,
    guard,
    isSwallowed ? '*nothing*' : code(arrow.actions),
    goesTo(arrow, state, root),
  ];
}

function goesTo({ target }: Arrow, state: ChartState, root: ChartState): string {
  if (target === null) return '';
  return target === state.id ? '↻' : shortId(target, root);
}

function shortId(id: string, root: ChartState): string {
  return id === root.id ? `${root.key} (any state)` : id.slice(root.id.length + 1);
}

function code(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(', ');
}
