/**
 * The clock of the page: one loop of animation frames that moves the player, tells what moves every
 * picture, and lets the panels be drawn anew some fifteen times a second at most.
 */
import type { Recording } from '../recording.ts';
import { Player } from './player.ts';

const PANELS_EVERY_MS = 66;
/** Of the last twenty seconds or so. */
const FRAME_TIMES_MAX = 1_200;

export class Stage {
  readonly player: Player;
  readonly #panels = new Set<() => void>();
  readonly #motions = new Set<(nowMs: number) => void>();
  #frameTimes: number[] = [];
  #requested = 0;
  #lastMs: number | null = null;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #isDirty = true;

  constructor(tape: Recording, speed: number) {
    this.player = new Player(tape, speed, () => this.redraw());
  }

  /** The panels have something new to show. */
  redraw(): void {
    this.#isDirty = true;
    this.wake();
  }

  /** Told when the panels are to be drawn. */
  onDraw(listener: () => void): () => void {
    this.#panels.add(listener);
    return () => this.#panels.delete(listener);
  }

  /** Told with every picture. */
  onMove(listener: (nowMs: number) => void): () => void {
    this.#motions.add(listener);
    this.wake();
    return () => this.#motions.delete(listener);
  }

  /** Another picture is wanted. */
  wake(): void {
    if (this.#requested === 0) this.#requested = requestAnimationFrame((at) => this.#picture(at));
  }

  /** Resolves when everything that is new has been drawn. */
  async drawn(): Promise<void> {
    while (this.#isDirty) await new Promise((resolve) => requestAnimationFrame(resolve));
    // What the panels were told is drawn by a microtask of theirs.
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }

  /** Milliseconds between one picture and the next while time went on, oldest first. */
  frameTimes(): readonly number[] {
    return this.#frameTimes;
  }

  #picture(atMs: number): void {
    this.#requested = 0;
    const { player } = this;
    if (this.#lastMs !== null && player.isPlaying) {
      const elapsed = atMs - this.#lastMs;
      this.#frameTimes.push(elapsed);
      if (this.#frameTimes.length > 2 * FRAME_TIMES_MAX) {
        this.#frameTimes = this.#frameTimes.slice(-FRAME_TIMES_MAX);
      }
      player.tick(elapsed);
    }
    this.#lastMs = player.isPlaying ? atMs : null;
    if (this.#isDirty && (!player.isPlaying || atMs - this.#drawnMs >= PANELS_EVERY_MS)) {
      this.#isDirty = false;
      this.#drawnMs = atMs;
      for (const draw of this.#panels) draw();
    }
    for (const move of this.#motions) move(player.nowMs);
    if (player.isPlaying || this.#isDirty) this.wake();
  }
}
