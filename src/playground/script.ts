/** A run as data: how it begins, and what was done to it after which event. */
import type { Action } from './action.ts';

export interface Script {
  readonly seed: number;
  /** How many servers. */
  readonly servers: number;
  /** The scenario whose beginning it shares: disks, timing; null: an empty cluster. */
  readonly scenario: string | null;
  readonly actions: readonly ScriptedAction[];
}

/** The action is event `after + 1`. */
export interface ScriptedAction {
  readonly after: number;
  readonly action: Action;
}
