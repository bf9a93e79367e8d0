/** Of runs that are asked for quickly, the last one wins: what was wished before is given up. */
import type { OnProgress } from '../recording.ts';
import type { Run, RunChoice } from './run.ts';

/** A run that is longer is not there at once: one is told how far it is. */
const TOLD_EVERY = 2_000;

/** Thrown and caught here: another run was asked for meanwhile. */
class GivenUp extends Error {}

export class LastWish {
  /** Of the run that was asked for last, until it is there. */
  choice: RunChoice | null = null;
  /** How far it has been played again, when that takes long. */
  progress: { readonly events: number; readonly of: number } | null = null;
  readonly #onProgress: () => void;

  constructor(onProgress: () => void) {
    this.#onProgress = onProgress;
  }

  /** Null when still another one was asked for before it was there. */
  async run(
    choice: RunChoice,
    make: (onProgress: OnProgress) => Promise<Run>,
  ): Promise<Run | null> {
    const wish = { ...choice };
    this.choice = wish;
    this.progress = null;
    try {
      const run = await make((events, of) => {
        if (wish !== this.choice) throw new GivenUp();
        if (events === 0 || events % TOLD_EVERY > 0) return;
        this.progress = { events, of };
        this.#onProgress();
      });
      return wish === this.choice ? run : null;
    } catch (error) {
      if (error instanceof GivenUp) return null;
      throw error;
    } finally {
      if (wish === this.choice) {
        this.choice = null;
        this.progress = null;
      }
    }
  }
}
