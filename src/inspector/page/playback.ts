/** A trace runs as fast as it happened, from the moment that is shown to its end. */
import { type ReadonlySignal, signal } from '@preact/signals';
import type { History, Position } from '../history.ts';

const TICK_MS = 40;

/** What is played. */
interface Played {
  readonly history: History;
  readonly position: ReadonlySignal<Position | null>;
  seek(atMs: number): void;
}

export class Playback {
  readonly #store: Played;
  readonly #timer = signal<number | undefined>(undefined);
  /** Where it stood when it was last set on: anybody who chooses another moment stops it. */
  #atMs = 0;

  constructor(store: Played) {
    this.#store = store;
  }

  get isPlaying(): boolean {
    return this.#timer.value !== undefined;
  }

  toggle(): void {
    if (this.isPlaying) this.#stop();
    else this.#play();
  }

  #stop(): void {
    clearInterval(this.#timer.value);
    this.#timer.value = undefined;
  }

  #play(): void {
    const { history, position } = this.#store;
    const { span } = history;
    if (span === null) return;
    // At the end it begins again.
    const from = position.value?.atMs ?? span.untilMs;
    this.#goTo(from >= span.untilMs ? span.fromMs : from);
    let last = performance.now();
    this.#timer.value = setInterval(() => {
      const now = performance.now();
      if (position.value?.atMs !== this.#atMs) this.#stop();
      else this.#goTo(this.#atMs + now - last);
      last = now;
      if (this.#atMs >= span.untilMs) this.#stop();
    }, TICK_MS);
  }

  #goTo(atMs: number): void {
    this.#store.seek(atMs);
    this.#atMs = this.#store.position.value?.atMs ?? Number.NaN;
  }
}
