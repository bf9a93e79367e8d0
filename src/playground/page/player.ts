/**
 * Where in the run we are, whether time goes on, and how fast. Virtual time follows real time; events
 * are recorded as their time comes, so that nothing is lost by acting now.
 */
import { batch, computed, signal } from '@preact/signals';
import { SerialQueue } from '../../host/serial-queue.ts';
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';
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
  readonly recording;
  /** The event that we are at: while time goes on, another one with nearly every picture. */
  readonly frame;
  readonly speed;
  readonly isPlaying = signal(false);
  readonly fork = signal<Fork | null>(null);
  /** What could not be done, for the page to say. */
  readonly problem = signal<string | null>(null);
  /** Nothing will happen by itself any more. */
  readonly isOver = computed(() => {
    const { violation, number } = this.frame.value;
    return violation !== null || (this.#isAtEnd.value && number === this.#recorded.length);
  });
  readonly isLive = computed(() => this.frame.value.number >= this.seen);
  /** The greatest event anybody has seen. */
  seen = 0;
  /** Virtual time; between two events while playing. */
  nowMs = 0;
  /** Where playing stops by itself. */
  stops: readonly number[] = [];
  readonly #isAtEnd = signal(false);
  readonly #moves = new SerialQueue();
  /** Where virtual time would be if everything due had been recorded. */
  #goalMs = 0;
  #isRecording = false;
  /** Time stands still meanwhile, so that no event is shown that will be gone. */
  #isActing = false;

  constructor(recording: Recording, speed: number) {
    this.recording = signal(recording);
    this.frame = signal(recording.last); // The first may be no longer kept.
    this.speed = signal(speed);
  }

  get #recorded(): Recording {
    return this.recording.value;
  }

  get at(): number {
    return this.frame.value.number;
  }

  /** Another run, from an event of its own on, whose frame is at hand. */
  load(recording: Recording, at: number, stops: readonly number[] = []): void {
    const frame = recording.frame(at);
    batch(() => {
      this.recording.value = recording;
      this.seen = recording.length;
      this.stops = stops;
      this.dismiss();
      this.#isAtEnd.value = false;
      this.#show(frame);
    });
  }

  play(): void {
    this.isPlaying.value = !this.isOver.value;
  }

  pause(): void {
    this.isPlaying.value = false;
  }

  toggle(): void {
    if (this.isPlaying.value) this.pause();
    else this.play();
  }

  /** To the last event, and on. */
  goLive(): void {
    if (!this.isLive.value) void this.seek(this.seen);
    this.play();
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
    this.pause();
    return this.#move(() => this.#seek(this.at + by));
  }

  /**
   * As the event after the one that is shown when everything asked for before has been done. What
   * it is, if anything, is chosen then: for that frame.
   */
  act(choose: (frame: Frame) => Action | null): Promise<void> {
    return this.#move(async () => {
      const action = choose(this.frame.value);
      if (action !== null) await this.#act(action);
    });
  }

  /** When everything asked for before has been done. */
  settled(): Promise<void> {
    return this.#moves.idle();
  }

  /** One move after the other: keys may come faster than a past is played again. */
  #move(move: () => Promise<void>): Promise<void> {
    const recording = this.#recorded;
    return this.#moves.add(async () => {
      if (recording === this.#recorded) await move();
    });
  }

  async #seek(number: number): Promise<void> {
    const recording = this.#recorded;
    const target = Math.max(0, Math.floor(number));
    if (target > recording.length) await recording.advanceTo(target);
    const frame = await recording.recall(Math.min(target, recording.length));
    if (recording !== this.#recorded) return;
    this.#isAtEnd.value = frame.number < target;
    this.#show(frame);
  }

  async #act(action: Action): Promise<void> {
    const { at, seen } = this;
    const recording = this.#recorded;
    const { script } = recording;
    this.#isActing = true;
    const acted = await recording.act(at, action).finally(() => {
      this.#isActing = false;
    });
    if (recording !== this.#recorded) return;
    if ('problem' in acted) {
      this.problem.value = acted.problem;
      return;
    }
    this.fork.value = at < seen ? { after: at, lost: seen - at, script } : null;
    this.seen = acted.frame.number;
    this.#isAtEnd.value = false;
    this.stops = this.stops.filter((stop) => stop <= at);
    this.#show(acted.frame);
  }

  /** What was said has been read. */
  dismiss(): void {
    this.fork.value = null;
    this.problem.value = null;
  }

  /** One picture later. */
  tick(realMs: number): void {
    if (!this.isPlaying.value || this.#isActing) return;
    const recording = this.#recorded;
    const goal = Math.max(this.#goalMs, this.nowMs);
    const speed = this.speed.value;
    const wanted = goal + Math.min(realMs, STEP_MAX_MS) * speed;
    this.#goalMs = Math.min(wanted, this.nowMs + LAG_MAX_MS * speed);
    let frame = this.frame.value;
    let isStopped = false;
    while (!isStopped && frame.number < recording.length) {
      if (!recording.has(frame.number + 1)) {
        this.#recall(frame);
        return;
      }
      const next = recording.frame(frame.number + 1);
      if (next.atMs > this.#goalMs) break;
      frame = next;
      isStopped = this.stops.includes(frame.number) || frame.violation !== null;
    }
    // Where the record ends, time waits for what is due.
    const isAtLast = frame.number === recording.length;
    const limit = isAtLast ? recording.nextAtMs : Number.POSITIVE_INFINITY;
    if (isAtLast && (this.#isAtEnd.value || limit === Number.POSITIVE_INFINITY)) {
      this.#isAtEnd.value = true;
      isStopped = true;
    }
    this.nowMs = isStopped ? frame.atMs : Math.min(this.#goalMs, limit);
    this.seen = Math.max(this.seen, frame.number);
    this.frame.value = frame;
    if (isStopped) this.pause();
    else if (limit <= this.#goalMs && !this.#isRecording) void this.#record();
  }

  /** Far back in a long run frames are no longer kept: time waits for them. */
  #recall(frame: Frame): void {
    this.#show(frame);
    if (this.#isRecording) return;
    this.#isRecording = true;
    const done = () => {
      this.#isRecording = false;
    };
    void this.#recorded.recall(frame.number + 1).then(done, done);
  }

  /** What is due by now. Every event is a task of its own, so that pictures come in between. */
  async #record(): Promise<void> {
    const recording = this.#recorded;
    const isCurrent = () => recording === this.#recorded;
    this.#isRecording = true;
    try {
      while (this.isPlaying.value && isCurrent() && recording.nextAtMs <= this.#goalMs) {
        if ((await recording.advance()) !== null) continue;
        if (isCurrent()) this.#isAtEnd.value = true;
        return;
      }
    } finally {
      this.#isRecording = false;
    }
  }

  #show(frame: Frame): void {
    this.seen = Math.max(this.seen, frame.number);
    this.nowMs = frame.atMs;
    this.#goalMs = frame.atMs;
    this.frame.value = frame;
  }
}
