/** Gives everything in a chart its place. The one file that knows ELK, which is loaded on demand. */
import type { ELK, ElkNode } from 'elkjs';
import type { ChartState } from './chart.ts';
import { graphOf } from './elk-graph.ts';
import type { LaidOutChart } from './laid-out.ts';
import { placed } from './placed.ts';

export async function layOut(chart: ChartState): Promise<LaidOutChart> {
  const elk = await elkLoaded();
  const narrow: ElkNode = await elk.layout(graphOf(chart, new Map()));
  const widths = new Map<string, number>();
  const note = (node: ElkNode) => {
    widths.set(node.id, node.width ?? 0);
    for (const child of node.children ?? []) note(child);
  };
  note(narrow);
  return placed(chart, await elk.layout(graphOf(chart, widths)), widths);
}

async function elkLoaded(): Promise<ELK> {
  // Its types describe it as a module of another kind than the one it is.
  const loaded: unknown = await import('elkjs/lib/elk.bundled.js');
  const { default: Elk } = loaded as { default: new () => ELK };
  return new Elk();
}
