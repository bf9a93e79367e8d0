/**
 * A plan: everything that happens in one searched history, as data. A seed draws one, a text holds
 * one, and shrinking takes away from one; running it depends on nothing else.
 */
import type { FailedWrite } from '../../src/simulation/index.ts';

export const KEYS = ['x', 'y', 'z'] as const;
export type Key = (typeof KEYS)[number];

/** The world a history happens in. Everything but the seed has a harmless default. */
export interface World {
  /** Of all chance while it runs. */
  readonly seed: number;
  /** 1 to 7, named a, b, c …. */
  readonly servers: number;
  readonly heartbeatMs: number;
  readonly electionMinMs: number;
  readonly electionMaxMs: number;
  readonly lostLeaderWaitMs: number;
  readonly loss: number;
  readonly repeats: number;
  readonly delayMs: number;
  /** 1: uniform up to `delayMs`; more: mostly short, with a long tail. */
  readonly skew: number;
  /** The probability that a message is held back while later ones overtake it, and for how long. */
  readonly held: number;
  readonly heldMs: number;
  readonly snapshotAfter: number;
  readonly trailing: number;
  readonly chunkBytes: number;
  readonly messagesInFlight: number;
  readonly entriesPerAppend: number;
  readonly areCrashesNoticed: boolean;
  /** The longest a write of a disk takes. */
  readonly writeMs: number;
  /** The probability that a write fails. */
  readonly diskFailure: number;
  /** How often an operator starts servers again whose disk has failed. */
  readonly operatorMs: number;
  /** Calls a client has open at once; what it would ask beyond is not asked. */
  readonly atOnce: number;
  /** When a client asks another server, and when it gives up. */
  readonly attemptMs: number;
  readonly deadlineMs: number;
  /** The probability that a client's request, or its answer, is lost. */
  readonly clientLoss: number;
  /** Replication actors ask for anything at any moment: nobody promises liveness then. */
  readonly asksAnything: boolean;
  /** When all faults stop on a fully connected majority. */
  readonly endMs: number;
  /** Who stays dead, or cut off, after that: a minority. */
  readonly dead: string;
  readonly cut: string;
}

export const DEFAULT_WORLD: World = {
  seed: 0,
  servers: 3,
  heartbeatMs: 50,
  electionMinMs: 150,
  electionMaxMs: 300,
  lostLeaderWaitMs: 40,
  loss: 0,
  repeats: 0,
  delayMs: 0,
  skew: 1,
  held: 0,
  heldMs: 100,
  snapshotAfter: 10_000,
  trailing: 0,
  chunkBytes: 4_096,
  messagesInFlight: 64,
  entriesPerAppend: 1_024,
  areCrashesNoticed: true,
  writeMs: 0.5,
  diskFailure: 0,
  operatorMs: 500,
  atOnce: 1,
  attemptMs: 500,
  deadlineMs: 3_000,
  clientLoss: 0,
  asksAnything: false,
  endMs: 1_000,
  dead: '',
  cut: '',
};

export type CallKind = 'put' | 'append' | 'get' | 'swap' | 'delete';

/** One thing that happens. `who` is a server, or whoever leads at that moment. */
export type Happening =
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
  | { readonly do: 'clock'; readonly who: string; readonly rate: number }
  /** `token` is what is written: unique, so that whoever reads it knows which write it was. */
  | {
      readonly do: CallKind;
      readonly client: number;
      readonly key: Key;
      readonly token: string;
    };

export type Step = Happening & { readonly at: number };

export type CallStep = Extract<Step, { readonly client: number }>;

export interface Plan {
  readonly world: World;
  /** In the order of their times. */
  readonly steps: readonly Step[];
}

export function isCall(step: Step): step is CallStep {
  return 'client' in step;
}

export function idsOf(servers: number): readonly string[] {
  return Array.from('abcdefg').slice(0, servers);
}

/** The servers on which all faults stop in the end. */
export function coreOf({ servers, dead, cut }: World): readonly string[] {
  return idsOf(servers).filter((id) => !dead.includes(id) && !cut.includes(id));
}

/** Whether there is a majority to converge on. */
export function leavesMajority(world: World): boolean {
  return 2 * coreOf(world).length > world.servers;
}
