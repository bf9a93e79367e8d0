/** A chart as a Markdown table: every event of every state, also what leads nowhere. */
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { triggerOf } from './labels.ts';

type Row = readonly string[];

const head: Row = ['State', 'Event', 'If', 'Then', 'To', '↻'];

/** Aligned, so that it can be read as text too. The last column marks what restarts timers. */
export function transitionTable(root: ChartState): string {
  const rows = statesWithin(root).flatMap((state) =>
    rowsOf(state, root).map((row, at) => [at === 0 ? nameOf(state, root) : '', ...row]),
  );
  const widths = head.map((name, column) =>
    Math.max(
      3,
      ...[[name], ...rows.map((row) => [row[column] ?? ''])].map(([cell]) => lengthOf(cell)),
    ),
  );
  const rule = widths.map((width) => '-'.repeat(width));
  const lines = [head, rule, ...rows].map((row) => {
    const cells = row.map((cell, at) => cell + ' '.repeat((widths[at] ?? 0) - lengthOf(cell)));
    return `| ${cells.join(' | ')} |`;
  });
  return `${lines.join('\n')}\n`;
}

function lengthOf(cell = ''): number {
  return [...cell].length;
}

function rowsOf(state: ChartState, root: ChartState): readonly Row[] {
  const own = (word: string, then: readonly string[]): readonly Row[] =>
    then.length === 0 ? [] : [[`*${word}*`, '', code(then), '', '']];
  const rows = [
    ...own('entry', state.entry),
    ...own('exit', state.exit),
    ...own('invoke', state.invoked),
    ...state.arrows.map((arrow) => rowOf(arrow, state, root)),
  ];
  if (rows.length > 0) return rows;
  const isSpecial = state.kind === 'final' || state.kind === 'history';
  return [[isSpecial ? `*${state.kind}*` : '', '', '', '', '']];
}

function rowOf(arrow: Arrow, state: ChartState, root: ChartState): Row {
  const { kind, guard, actions, targets, isElse, isReentry } = arrow;
  const event = kind === 'always' ? '*at once*' : code([triggerOf(arrow)]);
  const condition = isElse ? '*else*' : guard === '' ? '' : code([guard]);
  const isSwallowed = targets.length === 0 && actions.length === 0;
  const isReturn = targets.some((target) => isReentry || isWithin(target, state.id));
  const to = targets.map((target) => escaped(shortId(target, root))).join(', ');
  return [event, condition, isSwallowed ? '*nothing*' : code(actions), to, isReturn ? '↻' : ''];
}

function nameOf(state: ChartState, root: ChartState): string {
  return `**${escaped(shortId(state.id, root))}**`;
}

function shortId(id: string, root: ChartState): string {
  return id === root.id ? `${root.key} (any state)` : id.slice(root.id.length + 1);
}

/** Names come from anywhere: as code they stay as they are, whatever they contain. */
function code(names: readonly string[]): string {
  return names
    .map((name) => fenced(name.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|')))
    .join(', ');
}

function fenced(name: string): string {
  if (!name.includes('`')) return `\`${name}\``;
  const longest = Math.max(...[...name.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  return `${fence} ${name} ${fence}`;
}

function escaped(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_<>|&[\]]/g, '\\$&');
}
