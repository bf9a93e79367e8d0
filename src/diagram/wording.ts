/** A chart's contents in words: what is written inside a state, and what along an arrow. */
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { conditionLabel, leadsNowhere, targetLabel, triggerLabel } from './labels.ts';
import type { Label, Part } from './laid-out.ts';
import type { Style } from './style.ts';
import { wrappedLabel } from './text.ts';

/** Everything that leads from one state to another one. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly arrows: readonly Arrow[];
}

/** The arrows that are drawn: those that leave their state, or lead from its border inwards. */
export function edgesOf(root: ChartState): readonly Edge[] {
  const edges = new Map<string, Edge>();
  for (const { arrows } of statesWithin(root)) {
    for (const arrow of arrows) {
      for (const to of arrow.targets.filter((target) => isDrawn(arrow.source, target))) {
        const key = JSON.stringify([arrow.source, to]);
        const known = edges.get(key)?.arrows ?? [];
        edges.set(key, { from: arrow.source, to, arrows: [...known, arrow] });
      }
    }
  }
  return [...edges.values()];
}

/** What leads a state back to itself, or to one around it, is written inside instead. */
function isDrawn(source: string, target: string): boolean {
  return !isWithin(source, target);
}

/** What stands along an arrow; in brief, what is said alike is said once. */
export function labelsAlong({ arrows }: Edge, style: Style): readonly Label[] {
  const labels = arrows.map((arrow) => {
    return labelOfArrow(
      arrow,
      [...saidOf(arrow, style), ...unseenOf(arrow)],
      style.charactersAlong,
    );
  });
  return merged(labels).filter(({ rows }) => rows.length > 0);
}

/** What a line does not show: that it is one of several taken at once, or leaves its own state. */
function unseenOf(arrow: Arrow): readonly Part[] {
  const { source, targets, isReentry } = arrow;
  if (targets.length > 1) return targetPart(arrow);
  const isAnew = isReentry && targets.some((target) => isWithin(target, source));
  return isAnew ? [{ kind: 'target', text: '↻' }] : [];
}

/** What a state does on entry and exit, and about events without an arrow being drawn. */
export function labelsInside(state: ChartState, style: Style): readonly Label[] {
  const handled = state.arrows.filter((arrow) => !isSwallowed(arrow, state));
  const answered = handled.filter((arrow) => leadsNowhere(arrow, state));
  const returning = handled.filter(
    (arrow) =>
      !answered.includes(arrow) && arrow.targets.some((target) => !isDrawn(arrow.source, target)),
  );
  if (style.isBrief) {
    const returns = returning.map((arrow) => labelOfReturn(arrow, state, style));
    return [...memoryOf(state, style), ...merged(returns)];
  }
  return [
    ...notesOn(state, style),
    ...wordLabels(state, 'entry', state.entry, style),
    ...wordLabels(state, 'exit', state.exit, style),
    ...wordLabels(state, 'invoke', state.invoked, style),
    ...handled
      .filter((arrow) => answered.includes(arrow) || returning.includes(arrow))
      .map((arrow) => labelOfReturn(arrow, state, style)),
  ];
}

/** What its author says of it, its tags, and what a history state remembers. */
function notesOn(state: ChartState, style: Style): readonly Label[] {
  const { description, tags } = state;
  const notes = [
    description.split(/\s+/).filter((word) => word !== ''),
    tags.map((tag) => `#${tag}`),
  ];
  return [...notes.flatMap((words) => noteOf(state, words, style)), ...memoryOf(state, style)];
}

function memoryOf(state: ChartState, style: Style): readonly Label[] {
  const { history } = state;
  if (history === null) return [];
  const { isDeep, otherwise } = history;
  return [
    ...noteOf(state, [isDeep ? 'deep history' : 'history'], style),
    ...(otherwise === '' ? [] : noteOf(state, ['otherwise', `→ ${otherwise}`], style)),
  ];
}

function noteOf({ id }: ChartState, words: readonly string[], style: Style): readonly Label[] {
  if (words.length === 0) return [];
  return [labelOfState(id, words.map(word), style)];
}

/** Events that are answered by nothing at all, with the word for that before them. */
export function labelsOfSwallowed(state: ChartState, style: Style): readonly Label[] {
  const swallowed = state.arrows.filter((arrow) => isSwallowed(arrow, state));
  if (style.isBrief || swallowed.length === 0) return [];
  return [
    labelOfState(state.id, [word('ignores')], style),
    ...swallowed.map((arrow) => labelOfArrow(arrow, conditionOf(arrow), style.charactersInside)),
  ];
}

function isSwallowed(arrow: Arrow, state: ChartState): boolean {
  return leadsNowhere(arrow, state) && arrow.actions.length === 0;
}

function labelOfReturn(arrow: Arrow, state: ChartState, style: Style): Label {
  const target = leadsNowhere(arrow, state) ? [] : targetPart(arrow);
  return labelOfArrow(arrow, [...saidOf(arrow, style), ...target], style.charactersInside);
}

/** Its event and guard and, unless in brief, its actions. */
function saidOf(arrow: Arrow, { isBrief }: Style): readonly Part[] {
  return [...conditionOf(arrow), ...(isBrief ? [] : listOf(arrow.actions))];
}

function targetPart(arrow: Arrow): readonly Part[] {
  return [{ kind: 'target', text: targetLabel(arrow) }];
}

function wordLabels(
  { id }: ChartState,
  text: string,
  names: readonly string[],
  style: Style,
): readonly Label[] {
  return names.length === 0 ? [] : [labelOfState(id, [word(text), ...listOf(names)], style)];
}

function word(text: string): Part {
  return { kind: 'word', text };
}

function labelOfState(state: string, parts: readonly Part[], { charactersInside }: Style): Label {
  return wrappedLabel({ transitions: [], state, delay: null }, parts, charactersInside);
}

function labelOfArrow(arrow: Arrow, parts: readonly Part[], charactersMax: number): Label {
  const delay = arrow.kind === 'delay' ? arrow.event : null;
  const about = { transitions: [arrow.id], state: arrow.source, delay };
  return wrappedLabel(about, parts, charactersMax);
}

function merged(labels: readonly Label[]): readonly Label[] {
  const known = new Map<string, Label>();
  for (const label of labels) {
    const key = JSON.stringify(label.rows);
    const transitions = [...(known.get(key)?.transitions ?? []), ...label.transitions];
    known.set(key, { ...label, transitions });
  }
  return [...known.values()];
}

function conditionOf(arrow: Arrow): readonly Part[] {
  const { guard, isElse } = arrow;
  const trigger = triggerLabel(arrow);
  const kind = isElse ? ('else' as const) : ('guard' as const);
  return [
    ...(trigger === '' ? [] : [{ kind: 'event' as const, text: trigger }]),
    ...(guard === '' && !isElse ? [] : [{ kind, text: conditionLabel(arrow) }]),
  ];
}

/** `/ one, two`. */
function listOf(names: readonly string[]): readonly Part[] {
  return names.map((name, at) => {
    const comma = at < names.length - 1 ? ',' : '';
    return { kind: 'action', text: `${at === 0 ? '/ ' : ''}${name}${comma}` };
  });
}
