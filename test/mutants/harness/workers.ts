/**
 * Two warm processes that examine mutants. One that does not answer in time is ended, and another
 * takes its place: a mutant that never comes to an end is not killed, and holds up nobody.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Tier } from '../../tiers/times.ts';
import type { Job, Outcome } from './job.ts';

const execArgv = ['--import', 'tsx'];

export interface WorkersOptions {
  readonly count: number;
  readonly timeoutMs: number;
  /** As which tier the tests run: all of them, unless told otherwise. */
  readonly tier?: Tier;
}

export class Workers {
  readonly #options: WorkersOptions;
  readonly #idle: ChildProcess[] = [];
  readonly #waiting: ((worker: ChildProcess) => void)[] = [];

  constructor(options: WorkersOptions) {
    this.#options = options;
    for (let i = 0; i < options.count; i += 1) this.#idle.push(this.#start());
  }

  async run(job: Job): Promise<Outcome> {
    const worker = this.#idle.pop() ?? (await this.#next());
    const outcome = await ask(worker, job, this.#options.timeoutMs);
    this.#release(worker.connected ? worker : this.#start());
    return outcome;
  }

  close(): void {
    for (const worker of this.#idle) worker.kill();
  }

  #next(): Promise<ChildProcess> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #start(): ChildProcess {
    const env = { ...process.env, STATECRAFT_TIER: this.#options.tier ?? 'full' };
    const stdio = ['ignore', 'ignore', 'inherit', 'ipc'] as const;
    return fork(join(import.meta.dirname, 'worker.ts'), { execArgv, env, stdio: [...stdio] });
  }

  #release(worker: ChildProcess): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#idle.push(worker);
    else next(worker);
  }
}

function ask(worker: ChildProcess, job: Job, timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const settle = (outcome: Outcome) => {
      clearTimeout(timer);
      worker.off('message', settle);
      worker.off('exit', onExit);
      resolve(outcome);
    };
    const onExit = () => settle({ verdict: 'accident', message: 'the process ended' });
    const timer = setTimeout(() => {
      worker.disconnect();
      worker.kill('SIGKILL');
      settle({ verdict: 'accident', message: `no answer within ${timeoutMs / 1_000} s` });
    }, timeoutMs);
    worker.on('message', settle);
    worker.on('exit', onExit);
    worker.send(job);
  });
}
