/** What ELK has found out, as a picture: every box with its text, every arrow with its labels. */
import type { ElkExtendedEdge, ElkNode } from 'elkjs';
import { type ChartState, isWithin } from './chart.ts';
import { START, startId } from './elk-graph.ts';
import { headOf, MARGIN } from './head.ts';
import type { Box, Label, LaidOutArrow, LaidOutChart, Point, Start } from './laid-out.ts';
import { moved, TITLE } from './text.ts';
import { type Edge, edgesOf, labelsAlong } from './wording.ts';

export function placed(
  root: ChartState,
  graph: ElkNode,
  widths: ReadonlyMap<string, number>,
): LaidOutChart {
  const nodes = new Map<string, ElkNode>();
  const note = (node: ElkNode) => {
    nodes.set(node.id, node);
    for (const child of node.children ?? []) note(child);
  };
  note(graph);
  const edges = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  return {
    id: root.id,
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    boxes: boxesOf(root, null, 0, nodes, widths),
    arrows: edgesOf(root).map((edge) =>
      arrowOf(edge, edges.get(`${edge.from} → ${edge.to}`), nodes),
    ),
    starts: startsOf(root, nodes, edges),
  };
}

function boxesOf(
  state: ChartState,
  parent: ChartState | null,
  depth: number,
  nodes: ReadonlyMap<string, ElkNode>,
  widths: ReadonlyMap<string, number>,
): readonly Box[] {
  const { x = 0, y = 0, width = 0, height = 0 } = nodes.get(state.id) ?? {};
  const head = headOf(state, widths.get(state.id) ?? 0);
  const isRegion = parent?.kind === 'parallel';
  return [
    {
      state: state.id,
      name: state.key,
      kind: isRegion ? 'region' : state.kind,
      depth,
      x,
      y,
      width,
      height,
      title: { x: x + MARGIN, y: y + MARGIN / 2 + TITLE.ascent },
      headHeight: head.height,
      labels: head.labels.map((label) => moved(label, x, y)),
    },
    ...state.states.flatMap((child) => boxesOf(child, state, depth + 1, nodes, widths)),
  ];
}

function pointsOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  const [section] = edge?.sections ?? [];
  if (section === undefined) return [];
  return [section.startPoint, ...(section.bendPoints ?? []), section.endPoint];
}

function arrowOf(
  edge: Edge,
  laidOut: ElkExtendedEdge | undefined,
  nodes: ReadonlyMap<string, ElkNode>,
): LaidOutArrow {
  const { from, to, arrows } = edge;
  const points = pointsOf(laidOut);
  const [area] = laidOut?.labels ?? [];
  let y = area?.y ?? 0;
  const labels = labelsAlong(edge).map((label): Label => {
    const at = moved(label, area?.x ?? 0, y);
    y += label.height + 3;
    return at;
  });
  const { y: top = 0 } = nodes.get(from) ?? {};
  void top;
  void isWithin;
  return { from, to, points, transitions: arrows.map(({ id }) => id), labels };
}

function startsOf(
  state: ChartState,
  nodes: ReadonlyMap<string, ElkNode>,
  edges: ReadonlyMap<string, ElkExtendedEdge>,
): readonly Start[] {
  const inner = state.states.flatMap((child) => startsOf(child, nodes, edges));
  const node = nodes.get(startId(state.id));
  if (node === undefined) return inner;
  const dot = { x: (node.x ?? 0) + START / 2, y: (node.y ?? 0) + START / 2 };
  return [{ state: state.id, dot, points: pointsOf(edges.get(startId(state.id))) }, ...inner];
}
