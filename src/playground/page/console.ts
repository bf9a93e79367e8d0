/**
 * What the page offers to tests and to whoever opens the console: `statecraft.frame()`,
 * `statecraft.seek(123)`, `statecraft.transitionTable('server')`.
 */

import { machines } from '../../../machines/index.ts';
import { chartOf } from '../../diagram/chart.ts';
import { tableOf } from '../../diagram/transition-table.ts';
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';
import { frameHash } from '../frame-hash.ts';
import type { Script } from '../script.ts';
import type { Session } from './session.ts';

export interface PageConsole {
  /** The event that the page shows. */
  frame(): Frame;
  /** Of everything in that frame: equal for equal frames, however one came there. */
  hash(): string;
  /** The last event there is by now. */
  length(): number;
  /** Seed, servers and everything done: the run as data. */
  script(): Script;
  play(): void;
  pause(): void;
  /** Goes to that event, recording up to it if need be; resolves when the page is there. */
  seek(event: number): Promise<Frame>;
  /** So many events forward; backward when negative. */
  step(events?: number): Promise<Frame>;
  /** Virtual to real time, 0.001 to 1. */
  setSpeed(speed: number): void;
  /** Does it as the event after the one shown. */
  act(action: Action): Promise<Frame>;
  /** What the machines of this very page do, as `statecraft diagram --format table` prints it. */
  transitionTable(name: keyof typeof machines): string;
  /** Milliseconds between one picture and the next while time went on, oldest first. */
  frameTimes(): readonly number[];
}

export function consoleOf(session: Session): PageConsole {
  const { stage } = session;
  const { player } = stage;
  const shown = async (moved: Promise<unknown>) => {
    await moved;
    await stage.drawn();
    return player.frame;
  };
  return {
    frame: () => player.frame,
    hash: () => frameHash(player.frame),
    length: () => player.tape.length,
    script: () => player.tape.script,
    play: () => player.play(),
    pause: () => player.pause(),
    seek: (event) => shown(player.goTo(event)),
    step: (events = 1) => shown(player.step(events)),
    setSpeed: (speed) => player.setSpeed(speed),
    act: (action) => shown(session.act(action)),
    transitionTable: (name) => tableOf(chartOf(machines[name])),
    frameTimes: () => stage.frameTimes(),
  };
}
