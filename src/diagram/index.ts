/**
 * The door `statecraft/diagram`: pictures and tables of any XState machine, and the ids in them.
 * ELK, which gives pictures their layout, is loaded when the first one is asked for.
 */
import type { AnyStateNode } from 'xstate';
import { type ChartState, chartOf } from './chart.ts';
import type { LaidOutChart } from './laid-out.ts';
import * as layout from './layout.ts';
import { stateDiagram } from './state-diagram.ts';
import { svgOf } from './svg.ts';
import * as tables from './transition-table.ts';

export type { Arrow, ChartState } from './chart.ts';
export {
  activeStateIds,
  stateIdOf,
  type Trigger,
  transitionId,
  transitionIdOf,
} from './ids.ts';
export type * from './laid-out.ts';
export type { LayoutOptions } from './layout.ts';
export { chartOf };

/** A machine of XState, or the chart that was read from one. */
export type Drawable = { readonly root: AnyStateNode } | ChartState;

function chartFrom(drawable: Drawable): ChartState {
  return 'root' in drawable ? chartOf(drawable) : drawable;
}

/** A `stateDiagram-v2` of Mermaid, as GitHub and many editors show it. */
export function mermaid(drawable: Drawable): string {
  return stateDiagram(chartFrom(drawable));
}

/** A Markdown table: what each state does about each event, also where it does nothing. */
export function transitionTable(drawable: Drawable): string {
  return tables.tableOf(chartFrom(drawable));
}

/**
 * The chart with a place for everything, as plain JSON that a page can draw without a layout of its
 * own. Several layouts are tried, and the most readable one is kept; the same chart gives the same.
 */
export function layOut(drawable: Drawable, options?: layout.LayoutOptions): Promise<LaidOutChart> {
  return layout.layOutChart(chartFrom(drawable), options);
}

/**
 * A picture as an SVG file that needs nothing else.
 *
 * @example
 * ```ts
 * import { svg } from 'statecraft/diagram';
 * import { machines } from 'statecraft/machines';
 *
 * const picture = await svg(machines.request);
 * ```
 */
export async function svg(
  drawable: Drawable | LaidOutChart,
  options?: layout.LayoutOptions,
): Promise<string> {
  return svgOf('boxes' in drawable ? drawable : await layOut(drawable, options));
}
