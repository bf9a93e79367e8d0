/** The door `statecraft/diagram`: pictures and tables of any XState machine, and the ids in them. */
export { activeStateIds, type Trigger, transitionId, transitionIdOf } from './ids.ts';
