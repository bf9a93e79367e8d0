/** A chart as ELK takes it: boxes in boxes, arrows with room for what is written along them. */
import type { ElkExtendedEdge, ElkNode, LayoutOptions } from 'elkjs';
import { type ChartState, isWithin, statesWithin } from './chart.ts';
import { headOf, MARGIN } from './head.ts';
import { edgesOf, labelsAlong } from './wording.ts';

export const START = 8;

const graphOptions: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.nodePlacement.strategy': 'NETWORK_SIMPLEX',
  'elk.layered.spacing.nodeNodeBetweenLayers': '26',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '26',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '6',
  'elk.spacing.labelLabel': '3',
  'elk.spacing.componentComponent': '26',
};

/** Heads are made for boxes as wide as `widths` says; as narrow as they can be where it is silent. */
export function graphOf(root: ChartState, widths: ReadonlyMap<string, number>): ElkNode {
  return {
    id: 'picture',
    layoutOptions: { ...graphOptions, 'elk.padding': '[top=1,left=1,bottom=1,right=1]' },
    children: [nodeOf(root, widths)],
    edges: edgesOf(root)
      .map((edge): ElkExtendedEdge => {
        const inwards = isWithin(edge.to, edge.from);
        const labels = labelsAlong(edge);
        return {
          id: `${edge.from} → ${edge.to}`,
          sources: [inwards ? gateId(edge.from, edge.to) : edge.from],
          targets: [edge.to],
          labels: labels.length === 0 ? [] : [sizeOf(labels)],
        };
      })
      .concat(startEdges(root)),
  };
}

function sizeOf(labels: readonly { width: number; height: number }[]) {
  return {
    text: ' ',
    width: Math.max(...labels.map(({ width }) => width)),
    height: labels.reduce((sum, { height }) => sum + height + 3, 0),
  };
}

export function gateId(from: string, to: string): string {
  return `${from} ⊸ ${to}`;
}

export function startId(state: string): string {
  return `${state} •`;
}

function startEdges(root: ChartState): ElkExtendedEdge[] {
  return statesWithin(root).flatMap(({ id, initial }) =>
    initial === null ? [] : [{ id: startId(id), sources: [startId(id)], targets: [initial] }],
  );
}

function nodeOf(state: ChartState, widths: ReadonlyMap<string, number>): ElkNode {
  const head = headOf(state, widths.get(state.id) ?? 0);
  if (state.states.length === 0) return { id: state.id, width: head.width, height: head.height };
  const gates = edgesOf(state).filter(({ from, to }) => from === state.id && isWithin(to, from));
  const first = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  return {
    id: state.id,
    layoutOptions: {
      ...graphOptions,
      'elk.padding': `[top=${head.height + MARGIN},left=16,bottom=16,right=16]`,
      'elk.nodeSize.constraints': 'MINIMUM_SIZE',
      'elk.nodeSize.minimum': `(${head.width}, ${head.height})`,
    },
    children: [
      ...(state.initial === null
        ? []
        : [{ id: startId(state.id), width: START, height: START, layoutOptions: first }]),
      ...gates.map(({ from, to }) => ({
        id: gateId(from, to),
        width: START,
        height: START,
        layoutOptions: first,
      })),
      ...state.states.map((child) => nodeOf(child, widths)),
    ],
  };
}
