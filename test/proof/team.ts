/** Worker processes that share a list of units; one that dies has failed its unit. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Done } from './journal.ts';
import type { Unit } from './plan.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');

/** Resolves when all is done; `onDone` hears of each unit. */
export async function share(
  units: readonly Unit[],
  workers: number,
  onDone: (done: Done) => void,
): Promise<void> {
  const waiting = [...units];
  const work = async () => {
    let child = start();
    for (let unit = waiting.shift(); unit !== undefined; unit = waiting.shift()) {
      const done = await perform(child, unit);
      if (!child.connected) child = start();
      onDone(done);
    }
    child.kill();
  };
  await Promise.all(Array.from({ length: Math.min(workers, units.length) }, work));
}

function start(): ChildProcess {
  const execArgv = ['--import', 'tsx', '--max-semi-space-size=64'];
  return fork(WORKER, { execArgv });
}

function perform(child: ChildProcess, unit: Unit): Promise<Done> {
  const startedAt = performance.now();
  return new Promise((resolve) => {
    const end = (done: Done) => {
      child.off('message', end);
      child.off('exit', died);
      resolve(done);
    };
    const died = (code: number | null, signal: string | null) => {
      const error = `its process ended: ${signal ?? `exit code ${code}`}`;
      end({ unit, ms: Math.round(performance.now() - startedAt), error, counts: {} });
    };
    child.on('message', end);
    child.on('exit', died);
    child.send(unit);
  });
}
