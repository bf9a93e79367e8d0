/** A chart as a Markdown table: every event of every state, also what leads nowhere. */
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { leadsNowhere, triggerLabel } from './labels.ts';

type Row = readonly string[];

const head: Row = ['State', 'Event', 'If', 'Then', 'To', '↻'];

/**
 * Aligned, so that it can be read as text too. A dot marks the states where those around them begin;
 * the last column marks what restarts timers.
 */
export function tableOf(root: ChartState): string {
  const states = statesWithin(root);
  const initial = new Set(states.map((state) => state.initial));
  const rows = states.flatMap((state) => {
    const name = `${nameOf(state, root)}${initial.has(state.id) ? ' •' : ''}`;
    return rowsOf(state, root).map((row, at) => [at === 0 ? name : '', ...row]);
  });
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
  const own = (word: string, then: string): readonly Row[] =>
    then === '' ? [] : [[`*${word}*`, '', then, '', '']];
  const rows = [
    ...own('entry', code(state.entry, state.entryParams)),
    ...own('exit', code(state.exit, state.exitParams)),
    ...own('invoke', code(state.invoked)),
    ...state.arrows.map((arrow) => rowOf(arrow, state, root)),
  ];
  if (rows.length > 0) return rows;
  if (state.history !== null) return [historyRow(state.history)];
  return [[state.kind === 'final' ? '*final*' : '', '', '', '', '']];
}

/** Where it leads is where it leads as long as there is nothing to remember. */
function historyRow({ isDeep, otherwise }: NonNullable<ChartState['history']>): Row {
  const word = isDeep ? '*history, deep*' : '*history*';
  return otherwise === ''
    ? [word, '', '', '', '']
    : [word, '*at first*', '', escaped(otherwise), ''];
}

function rowOf(arrow: Arrow, state: ChartState, root: ChartState): Row {
  const { kind, guard, guardParams, actions, actionParams, targets, isElse } = arrow;
  const event = kind === 'always' ? '*at once*' : code([triggerLabel(arrow)]);
  const condition = isElse ? '*else*' : guard === '' ? '' : code([guard], [guardParams]);
  const isNowhere = leadsNowhere(arrow, state);
  const to = targets.map((target) => escaped(shortId(target, root))).join(' and ');
  const then = isNowhere && actions.length === 0 ? '*nothing*' : code(actions, actionParams);
  return [event, condition, then, to, isNowhere || !restarts(arrow) ? '' : '↻'];
}

/** Whether it begins anew what may be active before: the state itself, one in it or around it. */
function restarts({ source, targets }: Arrow): boolean {
  return targets.some((target) => isWithin(target, source) || isWithin(source, target));
}

function nameOf(state: ChartState, root: ChartState): string {
  return `**${escaped(shortId(state.id, root))}**`;
}

function shortId(id: string, root: ChartState): string {
  return id === root.id ? `${root.key} (any state)` : id.slice(root.id.length + 1);
}

/** Names come from anywhere: as code they stay as they are, whatever they contain. */
function code(names: readonly string[], params: readonly string[] = []): string {
  return names
    .map((name, at) => {
      const given = params[at] ?? '';
      const written = fenced(name.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|'));
      return given === '' ? written : `${written} (${escaped(given)})`;
    })
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
