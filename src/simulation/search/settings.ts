/** The settings of one searched history: everything about its world that is not a step of its plan. */
import { idsOf } from '../options.ts';

/** Everything but the seed has a harmless default. */
export interface RunSettings {
  /** Of all chance while it runs. */
  readonly seed: number;
  /** 1 to 7, named a, b, c …. */
  readonly servers: number;
  readonly heartbeatMs: number;
  readonly electionMinMs: number;
  readonly electionMaxMs: number;
  readonly lostLeaderWaitMs: number;
  /** The probability that a message is lost, or arrives twice. */
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
  /** The longest turn of a server; 0: work takes no time. */
  readonly turnMs: number;
  /** Replication actors ask for anything at any moment; liveness is not promised then. */
  readonly asksAnything: boolean;
  /** When all faults stop on a fully connected majority. */
  readonly endMs: number;
  /** Who stays dead, or cut off, after that: a minority, as letters. */
  readonly dead: string;
  readonly cut: string;
}

export const DEFAULT_SETTINGS: RunSettings = {
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
  turnMs: 0,
  asksAnything: false,
  endMs: 1_000,
  dead: '',
  cut: '',
};

/** The servers on which all faults stop in the end. */
export function coreOf({ servers, dead, cut }: RunSettings): readonly string[] {
  return idsOf(servers).filter((id) => !dead.includes(id) && !cut.includes(id));
}

/** Whether there is a majority to converge on. */
export function leavesMajority(settings: RunSettings): boolean {
  return 2 * coreOf(settings).length > settings.servers;
}
