/** A chart's contents in words: what is written inside a state, and what along an arrow. */
import { type Arrow, type ChartState, isWithin, statesWithin } from './chart.ts';
import { keyOf, triggerOf } from './labels.ts';
import type { Label, Part } from './laid-out.ts';
import { labelOf } from './text.ts';

/** Everything that leads from one state to another one. */
export interface Edge {
  readonly from: string;
  readonly to: string;
  readonly arrows: readonly Arrow[];
}

const INSIDE_CHARACTERS_MAX = 44;
const ALONG_CHARACTERS_MAX = 30;

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

function isDrawn(source: string, target: string): boolean {
  return source !== target && !isWithin(source, target);
}

/** What a state does on entry and exit, and about events without an arrow being drawn. */
export function labelsInside(state: ChartState): readonly Label[] {
  const own = (word: string, names: readonly string[]) =>
    names.length === 0 ? [] : [wordLabel(state, word, names)];
  const handled = state.arrows.filter((arrow) => !isSwallowed(arrow));
  return [
    ...own('entry', state.entry),
    ...own('exit', state.exit),
    ...own('invoke', state.invoked),
    ...handled.flatMap((arrow) => {
      const returning = arrow.targets.filter((target) => !isDrawn(state.id, target));
      if (arrow.targets.length > 0 && returning.length === 0) return [];
      const [target] = returning;
      const mark = target === undefined ? '' : target === state.id ? '↻' : `→ ${keyOf(target)}`;
      const parts = [...partsOf(arrow), { kind: 'target' as const, text: mark }];
      return [labelOfArrow(arrow, parts, INSIDE_CHARACTERS_MAX)];
    }),
  ];
}

/** Events that are answered by nothing at all. */
export function swallowedBy(state: ChartState): readonly Label[] {
  return state.arrows
    .filter(isSwallowed)
    .map((arrow) => labelOfArrow(arrow, partsOf(arrow), INSIDE_CHARACTERS_MAX));
}

function isSwallowed({ targets, actions }: Arrow): boolean {
  return targets.length === 0 && actions.length === 0;
}

export function labelsAlong({ arrows }: Edge): readonly Label[] {
  return arrows
    .map((arrow) => labelOfArrow(arrow, partsOf(arrow), ALONG_CHARACTERS_MAX))
    .filter(({ rows }) => rows.length > 0);
}

/** A label of plain words, for what is not a transition. */
export function wordLabel({ id }: ChartState, word: string, names: readonly string[]): Label {
  const parts = [
    { kind: 'word' as const, text: word },
    ...names.map((name, at) => ({
      kind: 'action' as const,
      text: `${at === 0 ? '/ ' : ''}${name}${at < names.length - 1 ? ',' : ''}`,
    })),
  ];
  return labelOf({ transition: null, state: id, delay: null }, parts, INSIDE_CHARACTERS_MAX);
}

function labelOfArrow(arrow: Arrow, parts: readonly Part[], charactersMax: number): Label {
  const delay = arrow.kind === 'delay' ? arrow.event : null;
  const said = parts.filter(({ text }) => text !== '');
  return labelOf({ transition: arrow.id, state: arrow.source, delay }, said, charactersMax);
}

function partsOf(arrow: Arrow): readonly Part[] {
  const { guard, actions } = arrow;
  return [
    { kind: 'event', text: triggerOf(arrow) },
    { kind: 'guard', text: guard === '' ? '' : `[${guard}]` },
    ...actions.map((name, at): Part => {
      const comma = at < actions.length - 1 ? ',' : '';
      return { kind: 'action', text: `${at === 0 ? '/ ' : ''}${name}${comma}` };
    }),
  ];
}
