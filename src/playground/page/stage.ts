/**
 * The clock of the page: one loop of animation frames that moves the player, tells what moves every
 * picture, and lets the panels be drawn anew. While time goes on they are drawn in turn, one part of
 * the page at a time: all of them together would take longer than a picture has.
 */
import type { Recording } from '../recording.ts';
import { Player } from './player.ts';

export type Part = 'ring' | 'log' | 'machine' | 'feed' | 'others';

/** Messages are short on their way: the ring has two turns of six. */
const TURNS: readonly Part[] = ['ring', 'log', 'machine', 'ring', 'feed', 'others'];

/** Between two turns: at sixty pictures a second every second one has a turn in it. */
const TURN_MS = 25;
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
  #turn = 0;
  /** Until everything has been drawn as it is now. */
  #turnsLeft: number = TURNS.length;

  constructor(tape: Recording, speed: number) {
    this.player = new Player(tape, speed, () => this.redraw());
  }

  /** The panels have something new to show. */
  redraw(): void {
    this.#turnsLeft = TURNS.length;
    this.wake();
  }

  /** Whether that part of the page is to be drawn now. */
  isTurnOf(part: Part): boolean {
    return !this.player.isPlaying || TURNS[this.#turn % TURNS.length] === part;
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

  /** Resolves when everything that is new now has been drawn. */
  async drawn(): Promise<void> {
    const last = this.#turn + TURNS.length;
    while (this.#turnsLeft > 0 && this.#turn < last)
      await new Promise((resolve) => requestAnimationFrame(resolve));
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
    if (this.#turnsLeft > 0 && (!player.isPlaying || atMs - this.#drawnMs >= TURN_MS)) {
      this.#turnsLeft = player.isPlaying ? this.#turnsLeft - 1 : 0;
      this.#turn += 1;
      this.#drawnMs = atMs;
      for (const draw of this.#panels) draw();
    }
    for (const move of this.#motions) move(player.nowMs);
    if (player.isPlaying || this.#turnsLeft > 0) this.wake();
  }
}
