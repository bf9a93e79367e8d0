/** Runs `statecraft` from the sources as a process of its own, and knows what becomes of it. */
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { COMMAND } from './running-cluster.ts';

export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export function spawnCommand(args: readonly string[], options: SpawnOptions = {}): ChildProcess {
  return spawn(process.execPath, [...COMMAND, ...args], options);
}

/** Resolves when it has ended and said everything. */
export function ended(child: ChildProcess): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text) => {
    stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text) => {
    stderr += text;
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

export function runCommand(
  args: readonly string[],
  input: string | Uint8Array = '',
): Promise<Ended> {
  const child = spawnCommand(args, { stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin?.on('error', () => {});
  child.stdin?.end(input);
  return ended(child);
}

/** The processes that a cluster said its servers are. */
export function serverPids(output: string): readonly number[] {
  return [...output.matchAll(/^server \w+: process (\d+),/gm)].map(([, pid]) => Number(pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Resolves when none of them is left; whoever is after `withinMs` fails the test by name. */
export async function allGone(pids: readonly number[], withinMs: number): Promise<void> {
  const until = performance.now() + withinMs;
  while (pids.some(isAlive)) {
    if (performance.now() > until) {
      throw new Error(`still alive after ${withinMs} ms: ${pids.filter(isAlive).join(', ')}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
