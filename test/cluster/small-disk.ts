/**
 * A small disk of its own for one server: a tmpfs that only a keeper process and the server can see,
 * and that is gone with them, whatever becomes of the test. Not everybody may mount one.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const SIZE = '64m';
const BALLAST = 'ballast';
const PIECE_BYTES = 64 * 1024;
/** Says so when the disk is there, and keeps it until its input ends. */
const KEEP = `mkdir "$0.small" && mount -t tmpfs -o size=${SIZE} none "$0.small" \
  && cp -a "$0/." "$0.small" && mount --bind "$0.small" "$0" && echo mounted && read -r line`;

export class SmallDisk {
  readonly #directory: string;
  readonly #keeper: ChildProcess;

  private constructor(directory: string, keeper: ChildProcess) {
    this.#directory = directory;
    this.#keeper = keeper;
  }

  /** Holds what the directory holds, in its place. Null where none can be had. */
  static async over(directory: string): Promise<SmallDisk | null> {
    const keeper = spawn('unshare', ['--mount', 'sh', '-c', KEEP, directory], {
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const isMounted = await new Promise<boolean>((resolve) => {
      keeper.once('error', () => resolve(false));
      keeper.once('close', () => resolve(false));
      keeper.stdout?.once('data', () => resolve(true));
    });
    return isMounted ? new SmallDisk(directory, keeper) : null;
  }

  /** Before the command line of whoever is to see it. */
  get prefix(): readonly string[] {
    return ['nsenter', `--mount=/proc/${this.#keeper.pid}/ns/mnt`, '--'];
  }

  /** Until not a byte is left. */
  async fill(): Promise<void> {
    const file = await open(join(this.#seenFromOutside, BALLAST), 'w');
    try {
      for (;;) await file.write(new Uint8Array(PIECE_BYTES));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    } finally {
      await file.close();
    }
  }

  async makeRoom(): Promise<void> {
    await rm(join(this.#seenFromOutside, BALLAST));
  }

  /** What is on it goes back to the directory, for which nobody may run. */
  async giveBack(): Promise<void> {
    await rm(this.#directory, { recursive: true });
    await cp(this.#seenFromOutside, this.#directory, { recursive: true });
    await this.close();
  }

  async close(): Promise<void> {
    if (this.#keeper.exitCode !== null) return;
    const ended = once(this.#keeper, 'close');
    this.#keeper.stdin?.end();
    await ended;
  }

  get #seenFromOutside(): string {
    return `/proc/${this.#keeper.pid}/root${this.#directory}.small`;
  }
}
