/** A trace runs as fast as it happened, from the moment that is shown to its end. */
import type { Desk } from './desk.ts';

const TICK_MS = 40;

export class Playback {
  readonly #desk: Desk;
  #timer: ReturnType<typeof setInterval> | undefined;
  /** Where it stood when it was last set on: anybody who chooses another moment stops it. */
  #atMs = 0;

  constructor(desk: Desk) {
    this.#desk = desk;
  }

  get isPlaying(): boolean {
    return this.#timer !== undefined;
  }

  toggle(): void {
    if (this.isPlaying) this.stop();
    else this.#play();
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#desk.show({});
  }

  #play(): void {
    const { story, view } = this.#desk;
    const { span } = story;
    if (span === null) return;
    // At the end it begins again.
    const from = view.position?.atMs ?? span.untilMs;
    this.#goTo(from >= span.untilMs ? span.fromMs : from);
    let last = performance.now();
    this.#timer = setInterval(() => {
      const now = performance.now();
      if (this.#desk.view.position?.atMs !== this.#atMs) this.stop();
      else this.#goTo(this.#atMs + now - last);
      last = now;
      if (this.#atMs >= span.untilMs) this.stop();
    }, TICK_MS);
  }

  #goTo(atMs: number): void {
    this.#desk.seek(atMs);
    this.#atMs = this.#desk.view.position?.atMs ?? Number.NaN;
  }
}
