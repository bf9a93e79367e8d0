/**
 * A plan: everything that happens in one searched history, as data. A seed draws one, a text holds
 * one, and shrinking takes away from one; running it depends on nothing else.
 */
import type { FailedWrite } from '../disk.ts';
import type { RunSettings } from './settings.ts';

/** `who` is a server, or `leader`: the one that leads at that moment. */
export type PlannedFault =
  /** With a write under way, of which this is left. */
  | {
      readonly do: 'crash';
      readonly who: string;
      readonly leaving: FailedWrite;
      readonly forMs: number;
    }
  | { readonly do: 'shutDown'; readonly who: string; readonly forMs: number }
  | { readonly do: 'pause'; readonly who: string; readonly forMs: number }
  | { readonly do: 'failWrite'; readonly who: string; readonly leaving: FailedWrite }
  | { readonly do: 'isolate'; readonly who: string }
  /** Those named on one side, the rest on the other. */
  | { readonly do: 'split'; readonly side: string }
  | { readonly do: 'block'; readonly from: string; readonly to: string }
  | { readonly do: 'heal' }
  | { readonly do: 'clock'; readonly who: string; readonly rate: number };

/** The name of a fault as scripts have it, such as `heal` or `clock`. */
export type FaultKind = PlannedFault['do'];

/** Something a client asks, as its clients have it. */
export interface PlannedCall<Call> {
  readonly do: 'call';
  readonly call: Call;
}

export type PlanStep<Call> = (PlannedFault | PlannedCall<Call>) & { readonly at: number };

export interface Plan<Call> {
  readonly settings: RunSettings;
  /** In the order of their times. */
  readonly steps: readonly PlanStep<Call>[];
}
