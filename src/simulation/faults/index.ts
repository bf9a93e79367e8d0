/** The faults a link can have, one operator each; they compose with RxJS's `pipe`. */
export { blockOneWay, type Direction } from './block-one-way.ts';
export { delay } from './delay.ts';
export { drop } from './drop.ts';
export { duplicate } from './duplicate.ts';
export type { DurationRange, FaultContext } from './fault-context.ts';
export { type Groups, partition } from './partition.ts';
export { reorder } from './reorder.ts';
