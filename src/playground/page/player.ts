/**
 * The hand on the tape: where in the run we are, whether time goes on, and how fast. Virtual time
 * follows real time; events are recorded as their time comes, so that nothing is lost by acting now.
 */
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';
import { InOrder } from '../in-order.ts';
import type { Recording } from '../recording.ts';
import type { Script } from '../script.ts';

/** History was forked: the events after that one are gone, and this script had them. */
export interface Fork {
  readonly after: number;
  readonly lost: number;
  readonly script: Script;
}

/** After a pause of the page itself (another tab, say) time goes on from where it was. */
const STEP_MAX_MS = 100;
/** So much of real time may be made up for when recording was slower. */
const LAG_MAX_MS = 200;

export class Player {
  tape: Recording;
  at: number;
  /** Virtual time; between two events while playing. */
  nowMs = 0;
  /** The greatest event anybody has seen. */
  seen = 0;
  isPlaying = false;
  speed: number;
  fork: Fork | null = null;
  /** Nothing will happen by itself any more. */
  isAtEnd = false;
  /** What could not be done, for the page to say. */
  problem: string | null = null;
  /** Where playing stops by itself. */
  stops: readonly number[] = [];
  readonly #onChange: () => void;
  readonly #moves = new InOrder();
  #frame: Frame;
  /** Where virtual time would be if everything due had been recorded. */
  #goalMs = 0;
  #isRecording = false;
  /** Time stands meanwhile: nobody is to see events that will be gone. */
  #isActing = false;

  constructor(tape: Recording, speed: number, onChange: () => void) {
    this.tape = tape;
    this.speed = speed;
    this.#onChange = onChange;
    this.#frame = tape.last; // The first may be no longer kept.
    this.at = tape.length;
  }

  get frame(): Frame {
    return this.#frame;
  }

  get isOver(): boolean {
    return this.frame.violation !== null || (this.isAtEnd && this.at === this.tape.length);
  }

  get isLive(): boolean {
    return this.at >= this.seen;
  }

  /** Another run, from an event of its own on, whose frame is at hand. */
  load(tape: Recording, at: number, stops: readonly number[] = []): void {
    const frame = tape.frame(at);
    this.tape = tape;
    this.seen = tape.length;
    this.stops = stops;
    this.fork = null;
    this.problem = null;
    this.isAtEnd = false;
    this.#show(frame);
  }

  play(): void {
    if (this.isOver) return;
    this.isPlaying = true;
    this.#onChange();
  }

  pause(): void {
    this.isPlaying = false;
    this.#onChange();
  }

  setSpeed(speed: number): void {
    this.speed = speed;
    this.#onChange();
  }

  /** To an event that is there, or will be: records up to it if need be. */
  seek(number: number): Promise<void> {
    return this.#move(() => this.#seek(number));
  }

  /** There, and standing still: whatever moves were asked for before. */
  goTo(number: number): Promise<void> {
    this.pause();
    return this.seek(number);
  }

  step(by: number): Promise<void> {
    this.isPlaying = false;
    return this.#move(() => this.#seek(this.at + by));
  }

  /**
   * As the event after the one that is shown when everything asked for before has been done. What
   * it is, if anything, is chosen then: for that frame.
   */
  act(choose: (frame: Frame) => Action | null): Promise<void> {
    return this.#move(async () => {
      const action = choose(this.frame);
      if (action !== null) await this.#act(action);
    });
  }

  /** When everything asked for before has been done. */
  settled(): Promise<void> {
    return this.#moves.add(async () => undefined);
  }

  /** One move after the other: keys may come faster than a past is played again. */
  #move(move: () => Promise<void>): Promise<void> {
    const { tape } = this;
    return this.#moves.add(async () => {
      if (tape === this.tape) await move();
    });
  }

  async #seek(number: number): Promise<void> {
    const { tape } = this;
    const target = Math.max(0, Math.floor(number));
    if (target > tape.length) await tape.advanceTo(target);
    const frame = await tape.recall(Math.min(target, tape.length));
    if (tape !== this.tape) return;
    this.isAtEnd = frame.number < target;
    this.#show(frame);
  }

  async #act(action: Action): Promise<void> {
    const { at, seen, tape } = this;
    const { script } = tape;
    this.#isActing = true;
    const acted = await tape.act(at, action).finally(() => {
      this.#isActing = false;
    });
    if (tape !== this.tape) return;
    if ('problem' in acted) {
      this.problem = acted.problem;
      this.#onChange();
      return;
    }
    this.fork = at < seen ? { after: at, lost: seen - at, script } : null;
    this.seen = acted.frame.number;
    this.isAtEnd = false;
    this.stops = this.stops.filter((stop) => stop <= at);
    this.#show(acted.frame);
  }

  /** What was said has been read. */
  dismiss(): void {
    this.fork = null;
    this.problem = null;
    this.#onChange();
  }

  /** One picture later. */
  tick(realMs: number): void {
    if (!this.isPlaying || this.#isActing) return;
    const { tape } = this;
    const before = this.at;
    const goal = Math.max(this.#goalMs, this.nowMs) + Math.min(realMs, STEP_MAX_MS) * this.speed;
    this.#goalMs = Math.min(goal, this.nowMs + LAG_MAX_MS * this.speed);
    while (this.isPlaying && this.at < tape.length) {
      if (!tape.has(this.at + 1)) {
        this.#recall();
        return;
      }
      const next = tape.frame(this.at + 1);
      if (next.atMs > this.#goalMs) break;
      this.at += 1;
      this.#frame = next;
      if (this.stops.includes(this.at) || next.violation !== null) this.isPlaying = false;
    }
    this.seen = Math.max(this.seen, this.at);
    // Where the record ends, time waits for what is due.
    const limit = this.at === tape.length ? tape.nextAtMs : Number.POSITIVE_INFINITY;
    if (this.at === tape.length && (this.isAtEnd || limit === Number.POSITIVE_INFINITY))
      this.#end();
    this.nowMs = this.isPlaying ? Math.min(this.#goalMs, limit) : this.#frame.atMs;
    if (this.isPlaying && limit <= this.#goalMs && !this.#isRecording) void this.#record();
    if (this.at !== before) this.#onChange();
  }

  #end(): void {
    this.isAtEnd = true;
    this.isPlaying = false;
    this.#onChange();
  }

  /** Far back in a long run frames are no longer kept: time waits for them. */
  #recall(): void {
    this.nowMs = this.#frame.atMs;
    if (this.#isRecording) return;
    this.#isRecording = true;
    const done = () => {
      this.#isRecording = false;
    };
    void this.tape.recall(this.at + 1).then(done, done);
  }

  /** What is due by now. Every event is a task of its own, so that pictures come in between. */
  async #record(): Promise<void> {
    const { tape } = this;
    this.#isRecording = true;
    try {
      while (this.isPlaying && tape === this.tape && tape.nextAtMs <= this.#goalMs) {
        if ((await tape.advance()) !== null) continue;
        if (tape === this.tape) this.isAtEnd = true;
        return;
      }
    } finally {
      this.#isRecording = false;
    }
  }

  #show(frame: Frame): void {
    this.#frame = frame;
    this.at = frame.number;
    this.seen = Math.max(this.seen, frame.number);
    this.nowMs = frame.atMs;
    this.#goalMs = frame.atMs;
    this.#onChange();
  }
}
