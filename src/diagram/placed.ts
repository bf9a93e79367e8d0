/** What ELK has found out, as a picture: every box with its text, every arrow with its labels. */
import type { ElkExtendedEdge, ElkNode } from '../vendor/elk.ts';
import type { ChartState } from './chart.ts';
import { DOT, edgeId, isInwards, LABEL_GAP, startId } from './elk-graph.ts';
import { headOf, MARGIN } from './head.ts';
import type { Box, Label, LaidOutArrow, LaidOutChart, Point, Start } from './laid-out.ts';
import { rounded } from './shapes.ts';
import type { Style } from './style.ts';
import { moved, TITLE } from './text.ts';
import { type Edge, edgesOf, labelsAlong } from './wording.ts';

export function placed(
  root: ChartState,
  graph: ElkNode,
  widths: ReadonlyMap<string, number>,
  style: Style,
): LaidOutChart {
  const nodes = new Map(nodesOf(graph).map((node) => [node.id, node]));
  const edges = new Map((graph.edges ?? []).map((edge) => [edge.id, edge]));
  const boxesOf = (state: ChartState, parent: ChartState | null, depth: number): Box[] => {
    const { x = 0, y = 0, width = 0, height = 0 } = nodes.get(state.id) ?? {};
    const area = { x: rounded(x), y: rounded(y), width: rounded(width), height: rounded(height) };
    const head = headOf(state, widths.get(state.id) ?? 0, style);
    const labels = head.labels.map((label) => moved(label, area.x, area.y));
    const isRegion = parent?.kind === 'parallel' && state.kind !== 'history';
    const kind = isRegion ? 'region' : state.kind;
    const title = { x: area.x + MARGIN, y: area.y + MARGIN / 2 + TITLE.ascent };
    const name = { state: state.id, name: state.key, kind, depth, title } as const;
    return [
      { ...name, ...area, headHeight: head.height, labels },
      ...state.states.flatMap((child) => boxesOf(child, state, depth + 1)),
    ];
  };
  const boxes = boxesOf(root, null, 0);
  const heads = new Map(boxes.map(({ state, y, headHeight }) => [state, y + headHeight]));
  return {
    id: root.id,
    width: Math.ceil(graph.width ?? 0),
    height: Math.ceil(graph.height ?? 0),
    boxes,
    arrows: edgesOf(root).map((edge) => arrowOf(edge, edges.get(edgeId(edge)), heads, style)),
    starts: startsOf(root, nodes, edges),
  };
}

export function nodesOf(node: ElkNode): readonly ElkNode[] {
  return [node, ...(node.children ?? []).flatMap(nodesOf)];
}

function arrowOf(
  edge: Edge,
  laidOut: ElkExtendedEdge | undefined,
  heads: ReadonlyMap<string, number>,
  style: Style,
): LaidOutArrow {
  const { from, to, arrows } = edge;
  const found = pointsOf(laidOut);
  const [first] = found;
  // What leads inwards begins where the head of its state ends.
  const isFromHead = first !== undefined && isInwards(edge);
  const points = isFromHead
    ? [{ x: first.x, y: heads.get(from) ?? first.y }, ...found.slice(1)]
    : found;
  const { x = 0, y = 0 } = laidOut?.labels?.[0] ?? {};
  let below = rounded(y);
  const labels = labelsAlong(edge, style).map((label): Label => {
    const at = moved(label, rounded(x), below);
    below += label.height + LABEL_GAP;
    return at;
  });
  return { from, to, points, transitions: arrows.map(({ id }) => id), labels };
}

function pointsOf(edge: ElkExtendedEdge | undefined): readonly Point[] {
  const [section] = edge?.sections ?? [];
  if (section === undefined) return [];
  const { startPoint, bendPoints = [], endPoint } = section;
  return [startPoint, ...bendPoints, endPoint].map(({ x, y }) => ({
    x: rounded(x),
    y: rounded(y),
  }));
}

function startsOf(
  state: ChartState,
  nodes: ReadonlyMap<string, ElkNode>,
  edges: ReadonlyMap<string, ElkExtendedEdge>,
): readonly Start[] {
  const inner = state.states.flatMap((child) => startsOf(child, nodes, edges));
  const node = nodes.get(startId(state.id));
  if (node === undefined) return inner;
  const dot = { x: rounded((node.x ?? 0) + DOT / 2), y: rounded((node.y ?? 0) + DOT / 2) };
  return [{ state: state.id, dot, points: pointsOf(edges.get(startId(state.id))) }, ...inner];
}
