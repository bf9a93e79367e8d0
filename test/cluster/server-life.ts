/** One server as a process, and what it has said; none outlives the process of its test. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { ServerMessage } from '../../src/cli/server-lifetime.ts';

export interface Life {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  /** What it said on both streams, and over the channel when it could not start. */
  output: string;
  isListening: boolean;
}

/** A process that stands still does not see that its test has ended. */
const alive = new Set<ChildProcess>();

/** Whatever is left of all clusters of this process: for its end, and the end of its tests. */
export function killServerProcesses(): void {
  for (const child of alive) child.kill('SIGKILL');
}

process.once('exit', killServerProcesses);

export function spawnServer(program: string, argv: readonly string[]): Life {
  const child = spawn(program, argv, { stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  alive.add(child);
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => {
      alive.delete(child);
      resolve(code);
    });
  });
  const life: Life = { child, ended, output: '', isListening: false };
  const note = (text: string) => {
    life.output += text;
  };
  child.stdout?.setEncoding('utf8').on('data', note);
  child.stderr?.setEncoding('utf8').on('data', note);
  child.on('message', (news: ServerMessage) => {
    if (news.type === 'started') life.isListening = true;
    if (news.type === 'cannotStart') note(`${news.message}\n`);
  });
  return life;
}
