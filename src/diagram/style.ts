/** How a chart is drawn: what of it, and how closely. */
import type { LayoutOptions } from '../vendor/elk.ts';

export interface Style {
  /** Only states and what leads from one to another: no actions, nothing that stays inside. */
  readonly isBrief: boolean;
  readonly charactersAlong: number;
  readonly charactersInside: number;
  /** How much wider a box may become to have one more column of text in its head. */
  readonly widening: number;
  /** Whether the regions of parallel states stand one below the other. */
  readonly isStacked: boolean;
  readonly options: LayoutOptions;
}

export const plainStyle: Style = {
  isBrief: false,
  charactersAlong: 24,
  charactersInside: 36,
  widening: 1,
  isStacked: false,
  options: {
    'elk.layered.cycleBreaking.strategy': 'DEPTH_FIRST',
    'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
    'elk.layered.edgeLabels.centerLabelPlacementStrategy': 'TAIL_LAYER',
    'elk.layered.edgeLabels.sideSelection': 'SMART_DOWN',
  },
};

/** What is tried beside it, one kind after the other; the best of each kind is kept. */
export const variations: readonly (readonly Partial<Style>[])[] = [
  [{ isStacked: true }],
  ['DIRECTION_UP', 'ALWAYS_DOWN'].map((side) => ({
    options: { 'elk.layered.edgeLabels.sideSelection': side },
  })),
  [{ charactersAlong: 20 }, { charactersAlong: 30 }],
  [{ widening: 1.2 }],
  [{ options: { 'elk.layered.cycleBreaking.strategy': 'GREEDY' } }],
];

export function varied(style: Style, variation: Partial<Style>): Style {
  return { ...style, ...variation, options: { ...style.options, ...variation.options } };
}
