/**
 * A run as a tape: recorded forwards, event by event, and looked at in any direction. Frames are
 * kept; a world cannot go back, so to act in the past is to play the script again up to there in a
 * new one. That gives the same frames, since the same script gives the same run.
 */
import type { ServerMachine } from '../../machines/server.ts';
import { SerialQueue } from '../host/serial-queue.ts';
import { lowestWhere } from '../pages/lowest-where.ts';
import { type Action, problemOf } from './action.ts';
import type { Frame } from './frame.ts';
import type { Script } from './script.ts';
import { RunTimeline } from './timeline.ts';
import { type Setting, World } from './world.ts';

export interface RecordingOptions {
  /** How its scenario begins. Default: an empty cluster. */
  readonly setting?: Setting;
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine;
  /** How many frames are kept, the newest; older ones are had by `recall`. Default 20,000. */
  readonly framesMax?: number;
}

/** Told while events are played again. */
export type OnProgress = (events: number, of: number) => void;

/** What became of an action: its frame, or why it was not done. */
export type Acted = { readonly frame: Frame } | { readonly problem: string };

const FRAMES_MAX = 20_000;
/** Around a frame that is recalled its neighbours are kept too. */
const RECALLED_BEFORE = 500;
const RECALLED_AFTER = 500;
const PROGRESS_EVERY = 100;

export class Recording {
  readonly timeline = new RunTimeline();
  readonly #options: RecordingOptions;
  #script: Script;
  #world: World;
  #kept: Frame[] = [];
  #recalled: readonly Frame[] = [];
  readonly #jobs = new SerialQueue();

  private constructor(script: Script, options: RecordingOptions, world: World) {
    this.#script = script;
    this.#options = options;
    this.#world = world;
    this.#keep(world.frame(0, null, undefined));
  }

  /** Its first frame; what the script has in store is done as its time comes. */
  static async start(script: Script, options: RecordingOptions = {}): Promise<Recording> {
    return new Recording(script, options, await begun(script, options));
  }

  /** The number of the last event. */
  get length(): number {
    return this.last.number;
  }

  get last(): Frame {
    return this.#kept.at(-1)!;
  }

  /** The number of the oldest frame that is kept. */
  get first(): number {
    return this.#kept[0]!.number;
  }

  /** Nothing more happens before that virtual time; Infinity when nothing does any more. */
  get nextAtMs(): number {
    if (actionAfter(this.#script, this.length) !== null) return this.last.atMs;
    return this.#world.isOver ? Number.POSITIVE_INFINITY : this.#world.cluster.clock.nextDeadline;
  }

  /** What was done and, while a script is played, what will be. */
  get script(): Script {
    return this.#script;
  }

  /** Whether that event's frame is at hand. */
  has(number: number): boolean {
    return this.#at(number) !== undefined;
  }

  /** @throws RangeError when there is no such event, or its frame is no longer kept */
  frame(number: number): Frame {
    const frame = this.#at(number);
    if (frame !== undefined) return frame;
    const known = `kept are ${this.first} to ${this.length}`;
    throw new RangeError(`Event ${number} has no frame here: ${known}; recall older ones`);
  }

  /** Records one event more; null when nothing will happen by itself any more. */
  advance(): Promise<Frame | null> {
    return this.#jobs.add(() => this.#advance());
  }

  /** Records until that event, or the end. */
  async advanceTo(number: number, onProgress?: OnProgress): Promise<Frame> {
    while (this.length < number && (await this.advance()) !== null) {
      if (this.length % PROGRESS_EVERY === 0) onProgress?.(this.length, number);
    }
    return this.last;
  }

  /** Does it as event `after + 1`. What was recorded or in store from there on is gone. */
  act(after: number, action: Action): Promise<Acted> {
    return this.#jobs.add(() => this.#act(after, action));
  }

  /** A frame that may be no longer kept: the script is played again up to it. */
  recall(number: number, onProgress?: OnProgress): Promise<Frame> {
    return this.#jobs.add(async () => {
      if (number < this.first && !this.has(number)) {
        const from = Math.max(0, number - RECALLED_BEFORE);
        const through = Math.min(this.first - 1, number + RECALLED_AFTER);
        this.#recalled = (await this.#replay(this.#script, from, through, onProgress)).frames;
      }
      return this.frame(number);
    });
  }

  async #advance(): Promise<Frame | null> {
    const { last } = this;
    const hasHappened = await happen(this.#world, this.#script, last.number);
    if (!hasHappened) return null;
    const action = actionAfter(this.#script, last.number);
    return this.#keep(this.#world.frame(last.number + 1, action, last));
  }

  async #act(after: number, action: Action): Promise<Acted> {
    if (!Number.isInteger(after) || after < 0 || after > this.length) {
      return { problem: `There is no event ${after} yet: the last one is ${this.length}` };
    }
    const problem = problemOf(action, this.#script.servers);
    if (problem !== null) return { problem: `This cannot be done: ${problem}` };
    const isPast = after < this.length;
    if (!isPast && this.#world.isOver) {
      return { problem: `The run has ended with event ${after}: go back before it to act` };
    }
    const past = this.#script.actions.filter((each) => each.after < after);
    // Until then the script is the old one, whole: somebody may leave the run meanwhile.
    const script = { ...this.#script, actions: past };
    if (isPast) await this.#goBack(script, after);
    this.#script = { ...script, actions: [...past, { after, action }] };
    await this.#world.act(action);
    return { frame: this.#keep(this.#world.frame(after + 1, action, this.last)) };
  }

  /** A new world takes the place of the present one: it stands after that event. */
  async #goBack(script: Script, event: number): Promise<void> {
    const { world, frames } = await this.#replay(script, event, event);
    const isKept = event >= this.first;
    this.#world = world;
    this.timeline.truncate(event);
    this.#kept = isKept ? this.#kept.slice(0, event - this.first + 1) : frames;
    this.#recalled = this.#recalled.filter(({ number }) => number < event);
  }

  /** Plays the script again in a new world; only the frames of those events are made. */
  async #replay(script: Script, from: number, through: number, onProgress?: OnProgress) {
    const world = await begun(script, this.#options);
    const frames: Frame[] = from === 0 ? [world.frame(0, null, undefined)] : [];
    for (let number = 0; number < through; number += 1) {
      await happen(world, script, number);
      if (number % PROGRESS_EVERY === 0) onProgress?.(number, through);
      const action = actionAfter(script, number);
      if (number + 1 < from) world.pass();
      else frames.push(world.frame(number + 1, action, frames.at(-1)));
    }
    return { world, frames };
  }

  #at(number: number): Frame | undefined {
    const recalled = this.#recalled[number - (this.#recalled[0]?.number ?? 0)];
    return this.#kept[number - this.first] ?? recalled;
  }

  #keep(frame: Frame): Frame {
    const { framesMax = FRAMES_MAX } = this.#options;
    this.timeline.add(frame, this.#kept.at(-1));
    this.#kept.push(frame);
    // Many at once: to take one off the beginning moves all the others.
    if (this.#kept.length > framesMax) this.#kept.splice(0, Math.ceil(framesMax / 10));
    return frame;
  }
}

async function begun({ seed, servers }: Script, options: RecordingOptions): Promise<World> {
  const { setting, machine } = options;
  const world = new World({ seed, servers, ...setting, machine });
  await world.begin();
  return world;
}

/** Event `after + 1`, whatever it is; false when there is none. */
async function happen(world: World, script: Script, after: number): Promise<boolean> {
  const action = actionAfter(script, after);
  if (action === null) return world.step();
  await world.act(action);
  return true;
}

function actionAfter({ actions }: Script, after: number): Action | null {
  const place = lowestWhere(0, actions.length, (at) => actions[at]!.after >= after);
  const next = actions[place];
  return next?.after === after ? next.action : null;
}
