/** The longest pauses of servers' event loops, as they measure them themselves. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { eventually } from '../../cluster/statuses.ts';

const MONITOR = resolve(import.meta.dirname, 'loop-pauses.mjs');
/** A loop may be in the middle of a long pause. */
const ANSWERS_WITHIN_MS = 60_000;

/** For servers that are going to be asked. */
export function pausesEnvironment(directory: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=${MONITOR}`, PAUSES_DIRECTORY: directory };
}

/** In milliseconds, of each server, since it started or was asked last. */
export function pausesOf(pids: readonly number[], directory: string): Promise<number[]> {
  return Promise.all(
    pids.map(async (pid) => {
      const file = join(directory, String(pid));
      rmSync(file, { force: true });
      process.kill(pid, 'SIGUSR2');
      await eventually(`process ${pid} tells its pauses`, ANSWERS_WITHIN_MS, () =>
        existsSync(file),
      );
      return Number(readFileSync(file, 'utf8'));
    }),
  );
}
