/** Of runs that are asked for quickly, the last one wins: what was asked for before is given up. */
import { signal } from '@preact/signals';
import type { OnProgress } from '../recording.ts';
import type { LoadedRun, RunChoice } from './run.ts';

/** A run that is longer is not there at once: the page says how far it is. */
const PROGRESS_EVERY = 2_000;

/** Thrown and caught here: another run was asked for meanwhile. */
class Superseded extends Error {}

export class LatestRequest {
  /** Of the run that was asked for last, until it is there. */
  readonly choice = signal<RunChoice | null>(null);
  /** How far it has been played again, when that takes long. */
  readonly progress = signal<{ readonly events: number; readonly of: number } | null>(null);

  /** Null when still another one was asked for before it was there. */
  async run(
    choice: RunChoice,
    make: (onProgress: OnProgress) => Promise<LoadedRun>,
  ): Promise<LoadedRun | null> {
    const request = { ...choice };
    const isLatest = () => this.choice.value === request;
    this.choice.value = request;
    this.progress.value = null;
    try {
      const run = await make((events, of) => {
        if (!isLatest()) throw new Superseded();
        if (events > 0 && events % PROGRESS_EVERY === 0) this.progress.value = { events, of };
      });
      return isLatest() ? run : null;
    } catch (error) {
      if (error instanceof Superseded) return null;
      throw error;
    } finally {
      if (isLatest()) {
        this.choice.value = null;
        this.progress.value = null;
      }
    }
  }
}
