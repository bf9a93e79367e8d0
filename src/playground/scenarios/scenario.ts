/** What a scenario is: a beginning, and a story that is told while it happens. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Parameters, Timing } from '../../../machines/rules/parameters.ts';
import type { Happening } from '../../feed/happenings.ts';
import type { PreparedDisk } from '../../simulation/index.ts';
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';

export interface Scenario {
  /** As a link names it. */
  readonly id: string;
  readonly title: string;
  /** What it is about, in a sentence or two. */
  readonly about: string;
  readonly begin: Beginning;
  /** @throws Error when the run is not as the story says. */
  play(director: Director): Promise<void>;
}

/** The world before its first event. */
export interface Beginning {
  readonly seed: number;
  /** How many; they are named a, b, c … */
  readonly servers: number;
  /** From one server to another. */
  readonly latency?: { readonly minMs: number; readonly maxMs: number };
  readonly timing?: Partial<Timing>;
  readonly parameters?: Partial<Omit<Parameters, 'timing'>>;
  /** Disks that are not empty. */
  readonly disks?: Readonly<Record<ServerId, PreparedDisk>>;
  /** Whether the others hear at once that a server has crashed. Default true. */
  readonly areCrashesNoticed?: boolean;
}

/** What is said at an event. */
export interface Caption {
  /** The event's number. */
  readonly at: number;
  readonly title: string;
  readonly text: string;
  /** Whom to look at, where it speaks of one. */
  readonly server?: ServerId;
}

/** Runs the simulation for whoever tells. */
export interface Director {
  /** As it is after the present event. */
  readonly frame: Frame;
  /** Everything up to there, oldest first. */
  readonly happenings: readonly Happening[];
  /** Lets event follow event until that is so; `what` names it should it never come. */
  until(what: string, isSo: (frame: Frame) => boolean): Promise<void>;
  perform(action: Action): Promise<void>;
  /** At the present event. */
  say(title: string, text: string, server?: ServerId): void;
}
