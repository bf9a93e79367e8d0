/** A chart as ELK takes it: boxes in boxes, and arrows with room for what is written along them. */
import type { ElkExtendedEdge, ElkNode, LayoutOptions } from '../vendor/elk.ts';
import { type ChartState, isWithin, statesWithin } from './chart.ts';
import { headOf, MARGIN } from './head.ts';
import type { Style } from './style.ts';
import { type Edge, edgesOf, labelsAlong } from './wording.ts';

export const LABEL_GAP = 3;
export const DOT = 8;
const START = ' •';
const PADDING = 16;

const common: LayoutOptions = {
  'elk.algorithm': 'layered',
  'elk.direction': 'DOWN',
  'elk.edgeRouting': 'ORTHOGONAL',
  'elk.hierarchyHandling': 'INCLUDE_CHILDREN',
  'elk.json.shapeCoords': 'ROOT',
  'elk.json.edgeCoords': 'ROOT',
  'elk.layered.spacing.nodeNodeBetweenLayers': '24',
  'elk.layered.spacing.edgeNodeBetweenLayers': '14',
  'elk.layered.spacing.edgeEdgeBetweenLayers': '12',
  'elk.spacing.nodeNode': '24',
  'elk.spacing.edgeNode': '16',
  'elk.spacing.edgeEdge': '14',
  'elk.spacing.edgeLabel': '6',
};

/** Heads are made for boxes as wide as `widths` says; as narrow as they can be where it is silent. */
export function graphOf(
  root: ChartState,
  widths: ReadonlyMap<string, number>,
  style: Style,
): ElkNode {
  const states = statesWithin(root);
  return {
    id: 'picture',
    layoutOptions: optionsOf(style, '[top=1,left=1,bottom=1,right=1]'),
    children: [nodeOf(root, widths, style)],
    edges: [
      ...edgesOf(root).map((edge) => elkEdgeOf(edge, style)),
      ...states.flatMap(({ id, initial }) =>
        initial === null ? [] : [edgeBetween(startId(id), startId(id), initial)],
      ),
      ...(style.isStacked ? states.flatMap(edgesBetweenRegions) : []),
    ],
  };
}

function optionsOf(style: Style, padding: string): LayoutOptions {
  return { ...common, ...style.options, 'elk.padding': padding };
}

export function edgeId({ from, to }: Edge): string {
  return `${from} → ${to}`;
}

/** A state's initial dot, and the arrow that leaves it. */
export function startId(state: string): string {
  return `${state}${START}`;
}

export function isStart(id: string): boolean {
  return id.endsWith(START);
}

/** Where an arrow begins that leads from a state's border inwards. */
export function gateId({ from, to }: Edge): string {
  return `${from} ⊸ ${to}`;
}

export function isInwards({ from, to }: Edge): boolean {
  return isWithin(to, from);
}

function edgeBetween(id: string, source: string, target: string): ElkExtendedEdge {
  return { id, sources: [source], targets: [target] };
}

function elkEdgeOf(edge: Edge, style: Style): ElkExtendedEdge {
  const labels = labelsAlong(edge, style);
  const drawn = edgeBetween(edgeId(edge), isInwards(edge) ? gateId(edge) : edge.from, edge.to);
  if (labels.length === 0) return drawn;
  const width = Math.max(...labels.map((label) => label.width));
  const height = labels.reduce((sum, label) => sum + label.height + LABEL_GAP, 0);
  return { ...drawn, labels: [{ text: ' ', width, height }] };
}

/** Never drawn: they keep one region below the other. */
function edgesBetweenRegions({ kind, states }: ChartState): readonly ElkExtendedEdge[] {
  if (kind !== 'parallel') return [];
  return states.slice(1).map(({ id }, at) => edgeBetween(`${id} below`, states[at]!.id, id));
}

function nodeOf(state: ChartState, widths: ReadonlyMap<string, number>, style: Style): ElkNode {
  const { width, height } = headOf(state, widths.get(state.id) ?? 0, style);
  if (state.states.length === 0) return { id: state.id, width, height };
  // ELK knows no smallest size for what has children: a head that is wider makes the margins so.
  const missing = Math.max(0, width - (widths.get(state.id) ?? width));
  const side = PADDING + missing / 2;
  const padding = `[top=${height + MARGIN},left=${side},bottom=${PADDING},right=${side}]`;
  const gates = edgesOf(state).filter((edge) => edge.from === state.id && isInwards(edge));
  const starts = state.initial === null ? [] : [startId(state.id)];
  return {
    id: state.id,
    layoutOptions: optionsOf(style, padding),
    children: [
      ...[...starts, ...gates.map(gateId)].map(dotOf),
      ...state.states.map((child) => nodeOf(child, widths, style)),
    ],
  };
}

function dotOf(id: string): ElkNode {
  const layoutOptions = { 'elk.layered.layering.layerConstraint': 'FIRST' };
  return { id, width: DOT, height: DOT, layoutOptions };
}
