/** ELK, for layouts alone: it comes bundled, and no user installs it. */
export type {
  ELK,
  ElkEdgeSection,
  ElkExtendedEdge,
  ElkNode,
  ElkPoint,
  LayoutOptions,
} from 'elkjs';
export { default } from 'elkjs/lib/elk.bundled.js';
