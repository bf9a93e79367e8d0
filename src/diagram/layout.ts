/**
 * Gives everything in a chart its place. The one file that runs ELK, which is loaded on demand: it
 * is larger than all else together, and pages are given what was laid out before.
 */
import type { ELK, ElkNode, ElkPoint } from '../vendor/elk.ts';
import type { ChartState } from './chart.ts';
import { graphOf, isStart } from './elk-graph.ts';
import type { LaidOutChart } from './laid-out.ts';
import { nodesOf, placed } from './placed.ts';
import { plainStyle, type Style, variations, varied } from './style.ts';

/** How much of a chart is drawn. */
export interface LayoutOptions {
  /** Only states and what leads from one to another: no actions, nothing that stays inside. */
  readonly isBrief?: boolean;
}

export async function layOutChart(
  chart: ChartState,
  { isBrief = false }: LayoutOptions = {},
): Promise<LaidOutChart> {
  const elk = await elkLoaded();
  let best = await triedWith(elk, chart, { ...plainStyle, isBrief }, Number.POSITIVE_INFINITY);
  for (const rivals of variations) {
    const { style } = best;
    for (const variation of rivals) {
      const tried = await triedOrNot(elk, chart, varied(style, variation), best.draftCost);
      if (tried !== null && tried.cost < best.cost) best = tried;
    }
  }
  return placed(chart, best.graph, best.widths, best.style);
}

/** A draft that costs so much more than the best one's is not worth finishing. */
const DRAFT_MARGIN = 1.08;

/** Twice: once the boxes' widths are known, what is written in their heads can fill them. */
async function triedWith(elk: ELK, chart: ChartState, style: Style, bestDraft: number) {
  const draft: ElkNode = await elk.layout(graphOf(chart, new Map(), style));
  const draftCost = costOf(draft);
  const widths = new Map(nodesOf(draft).map(({ id, width = 0 }) => [id, width]));
  if (draftCost > bestDraft * DRAFT_MARGIN) {
    return { style, widths, graph: draft, draftCost, cost: Number.POSITIVE_INFINITY };
  }
  const graph: ElkNode = await elk.layout(graphOf(chart, widths, style));
  return { style, widths, graph, draftCost, cost: costOf(graph) };
}

/** ELK fails on some charts with one option and not with another: that one is left out then. */
async function triedOrNot(...asked: Parameters<typeof triedWith>) {
  try {
    return await triedWith(...asked);
  } catch {
    return null;
  }
}

let loading: Promise<ELK> | null = null;

/** Once: making an instance takes longer than laying out a small chart. */
function elkLoaded(): Promise<ELK> {
  loading ??= import('../vendor/elk.ts').then((loaded: unknown) => {
    // Its types describe it as a module of another kind than the one it is.
    const { default: Elk } = loaded as { default: new () => ELK };
    return new Elk();
  });
  return loading;
}

/** What a page of text has room for; beyond it, type shrinks. */
const WIDTH_MAX = 840;
/** Where something begins should be seen first. */
const START_WEIGHT = 4;

/** How hard a laid-out graph is to read: the less, the better. */
function costOf({ width = 0, height = 0, edges = [] }: ElkNode): number {
  const shrinking = Math.max(1, width / WIDTH_MAX);
  let [length, bends] = [0, 0];
  for (const { id, sections = [] } of edges) {
    for (const { startPoint, bendPoints = [], endPoint } of sections) {
      const weight = isStart(id) ? 1 + START_WEIGHT : 1;
      length += weight * lengthOf([startPoint, ...bendPoints, endPoint]);
      bends += bendPoints.length;
    }
  }
  return height * shrinking + 2000 * (shrinking - 1) + 0.1 * length + 14 * bends;
}

function lengthOf(points: readonly ElkPoint[]): number {
  return points.reduce((sum, { x, y }, at) => {
    const before = points[at - 1];
    return before === undefined ? sum : sum + Math.abs(x - before.x) + Math.abs(y - before.y);
  }, 0);
}
