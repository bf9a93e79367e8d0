/** The settings of one searched history: everything about its world that is not a step of its plan. */
import { idsOf } from '../options.ts';

export const DEFAULT_SETTINGS = {
  /** Of all chance while it runs. */
  seed: 0,
  /** 1 to 7, named a, b, c …. */
  servers: 3,
  heartbeatMs: 50,
  electionMinMs: 150,
  electionMaxMs: 300,
  lostLeaderWaitMs: 40,
  /** The probability that a message is lost, or arrives twice. */
  loss: 0,
  repeats: 0,
  delayMs: 0,
  /** 1: uniform up to `delayMs`; more: mostly short, with a long tail. */
  skew: 1,
  /** The probability that a message is held back while later ones overtake it, and for how long. */
  held: 0,
  heldMs: 100,
  snapshotAfter: 10_000,
  trailing: 0,
  chunkBytes: 4_096,
  messagesInFlight: 64,
  entriesPerAppend: 1_024,
  areCrashesNoticed: true,
  /** The longest a write of a disk takes. */
  writeMs: 0.5,
  /** The probability that a write fails. */
  diskFailure: 0,
  /** How often an operator starts servers again whose disk has failed. */
  operatorMs: 500,
  /** Calls a client has open at once; what it would ask beyond is not asked. */
  atOnce: 1,
  /** When a client asks another server, and when it gives up. */
  attemptMs: 500,
  deadlineMs: 3_000,
  /** The probability that a client's request, or its answer, is lost. */
  clientLoss: 0,
  /** The longest turn of a server; 0: work takes no time. */
  turnMs: 0,
  /** Replication actors ask for anything at any moment; liveness is not promised then. */
  asksAnything: false,
  /** When all faults stop on a fully connected majority. */
  endMs: 1_000,
  /** Who stays dead, or cut off, after that: a minority, as letters. */
  dead: '',
  cut: '',
};

/** Everything but the seed has a harmless default. */
export interface RunSettings extends Readonly<typeof DEFAULT_SETTINGS> {}

export const SETTING_NAMES = Object.keys(DEFAULT_SETTINGS) as readonly (keyof RunSettings)[];

/** The names of those that are not the default. */
export function unusualOf(settings: RunSettings): (keyof RunSettings)[] {
  return SETTING_NAMES.filter((name) => settings[name] !== DEFAULT_SETTINGS[name]);
}

/** The servers on which all faults stop in the end. */
export function coreOf({ servers, dead, cut }: RunSettings): readonly string[] {
  return idsOf(servers).filter((id) => !dead.includes(id) && !cut.includes(id));
}

/** Whether there is a majority to converge on. */
export function leavesMajority(settings: RunSettings): boolean {
  return 2 * coreOf(settings).length > settings.servers;
}
