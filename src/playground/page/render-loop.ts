/**
 * The clock of the page: one loop of animation frames that moves the player, and says which frame each
 * part of the page shows. While time goes on they are drawn in turn, one part at a time: all of them
 * together would take longer than a picture has.
 */
import { batch, effect, type Signal, signal } from '@preact/signals';
import type { Frame } from '../frame.ts';
import type { Player } from './player.ts';

export type ThrottledPart = 'ring' | 'log' | 'machine' | 'feed' | 'others';

/** Messages are short on their way: the ring has two turns of six. */
const TURNS: readonly ThrottledPart[] = ['ring', 'log', 'machine', 'ring', 'feed', 'others'];

/** Between two turns: at sixty pictures a second every second one has a turn in it. */
const TURN_MS = 25;
/** A chart is painted as a whole whenever one of its timers is. */
const TIMERS_MS = 50;
/** Of the last twenty seconds or so. */
const FRAME_TIMES_MAX = 1_200;

export class RenderLoop {
  /** Virtual time, with every picture. */
  readonly nowMs = signal(0);
  /** The same, less often. */
  readonly timersNowMs = signal(0);
  readonly #player: Player;
  readonly #shown: Readonly<Record<ThrottledPart, Signal<Frame>>>;
  #frameTimes: number[] = [];
  #requested = 0;
  #lastMs: number | null = null;
  #drawnMs = Number.NEGATIVE_INFINITY;
  #timersMs = Number.NEGATIVE_INFINITY;
  #turn = 0;
  /** Until everything has been drawn as it is now. */
  #turnsLeft: number = TURNS.length;

  constructor(player: Player) {
    this.#player = player;
    const shown = TURNS.map((part) => [part, signal(player.frame.value)] as const);
    this.#shown = Object.fromEntries(shown) as Record<ThrottledPart, Signal<Frame>>;
    // No part may look for its frame in a run that it is not of.
    effect(() => {
      void player.recording.value;
      this.#draw(TURNS);
    });
    effect(() => {
      void [player.frame.value, player.isPlaying.value];
      this.#turnsLeft = TURNS.length;
      this.#wake();
    });
  }

  /** The frame that this part of the page shows: drawn from it, it is drawn when its turn comes. */
  frameOf(part: ThrottledPart): Frame {
    return this.#shown[part].value;
  }

  #wake(): void {
    if (this.#requested === 0) this.#requested = requestAnimationFrame((at) => this.#picture(at));
  }

  /** Resolves when everything that is new now has been drawn. */
  async drawn(): Promise<void> {
    const last = this.#turn + TURNS.length;
    while (this.#turnsLeft > 0 && this.#turn < last)
      await new Promise((resolve) => requestAnimationFrame(resolve));
    // What depends on a signal is drawn by a microtask.
    await new Promise((resolve) => requestAnimationFrame(resolve));
  }

  /** Milliseconds between one picture and the next while time went on, oldest first. */
  frameTimes(): readonly number[] {
    return this.#frameTimes;
  }

  #picture(atMs: number): void {
    this.#requested = 0;
    const player = this.#player;
    if (this.#lastMs !== null && player.isPlaying.value) {
      const elapsed = atMs - this.#lastMs;
      this.#frameTimes.push(elapsed);
      if (this.#frameTimes.length > 2 * FRAME_TIMES_MAX) {
        this.#frameTimes = this.#frameTimes.slice(-FRAME_TIMES_MAX);
      }
      player.tick(elapsed);
    }
    const isPlaying = player.isPlaying.value;
    this.#lastMs = isPlaying ? atMs : null;
    if (this.#turnsLeft > 0 && (!isPlaying || atMs - this.#drawnMs >= TURN_MS)) {
      this.#turn += 1;
      this.#drawnMs = atMs;
      this.#turnsLeft = isPlaying ? this.#turnsLeft - 1 : 0;
      this.#draw(isPlaying ? [TURNS[this.#turn % TURNS.length]!] : TURNS);
    }
    this.nowMs.value = player.nowMs;
    if (!isPlaying || atMs - this.#timersMs >= TIMERS_MS) {
      this.#timersMs = atMs;
      this.timersNowMs.value = player.nowMs;
    }
    if (isPlaying || this.#turnsLeft > 0) this.#wake();
  }

  #draw(parts: readonly ThrottledPart[]): void {
    batch(() => {
      for (const part of parts) this.#shown[part].value = this.#player.frame.peek();
    });
  }
}
