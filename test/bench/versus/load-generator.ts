/** The load generator as a process: it is asked for one load after the other. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface, type Interface } from 'node:readline';

export interface Load {
  readonly operation: 'put' | 'get' | 'fill';
  readonly callers: number;
  readonly seconds: number;
  /** Calls a second that begin at fixed times; 0: as many as are answered. */
  readonly rate: number;
  /** So many calls, however long they take; 0: as many as the seconds allow. */
  readonly count?: number;
  /** The first key that is filled. */
  readonly from?: number;
  readonly keys: number;
  readonly bytes: number;
}

export interface LoadResult {
  readonly operations: number;
  readonly seconds: number;
  readonly errors: number;
  readonly firstError: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
  readonly clientSeconds: number;
}

export class LoadGenerator {
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  constructor(program: string, flags: readonly string[]) {
    this.#child = spawn(program, flags, { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#child.stdout === null) throw new Error('it has no output');
    this.#lines = createInterface({ input: this.#child.stdout });
  }

  run(load: Load): Promise<LoadResult> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('the load generator has ended'));
      this.#child.once('exit', ended);
      this.#lines.once('line', (line) => {
        this.#child.off('exit', ended);
        resolve(JSON.parse(line) as LoadResult);
      });
      this.#child.stdin?.write(`${JSON.stringify(load)}\n`);
    });
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null) return;
    const ended = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.stdin?.end();
    await ended;
  }
}
