/** A supervisor ends, also when a process of it cannot: one that sleeps in the kernel. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { Supervisor } from '../../src/cli/supervisor.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

/** Its signals are noted; it ends by those it can hear. */
class Process extends EventEmitter {
  readonly pid: number;
  readonly signals: string[] = [];
  readonly #deadly: readonly string[];

  constructor(pid: number, deadly: readonly string[]) {
    super();
    this.pid = pid;
    this.#deadly = deadly;
    queueMicrotask(() => this.emit('message', { type: 'started' }));
  }

  kill(signal: string): void {
    this.signals.push(signal);
    if (this.#deadly.includes(signal)) queueMicrotask(() => this.emit('exit', null, signal));
  }
}

async function stopped(processes: readonly Process[]): Promise<readonly string[]> {
  const clock = new VirtualClock();
  const waiting = [...processes];
  const said: string[] = [];
  const nothing = () => {};
  const server = { flags: [], firstFlags: [], files: [] };
  const servers = processes.map(({ pid }) => ({ ...server, id: `s${pid}` }));
  const supervisor = new Supervisor({
    ...{ servers, restarts: true, clock, log: (line) => said.push(line) },
    ...{ onStarted: nothing, onDied: nothing, onHealth: nothing, onAllDown: nothing },
    launch: () => waiting.shift() as unknown as ChildProcess,
  });
  await supervisor.start();
  const end = supervisor.stop();
  while (clock.fireNext(6_000)) await new Promise(setImmediate);
  await end;
  return said;
}

it('kills who does not stop, and says nothing when that helps', async () => {
  const deaf = new Process(1, ['SIGKILL']);
  expect(await stopped([deaf, new Process(2, ['SIGTERM'])])).toEqual([]);
  expect(deaf.signals).toEqual(['SIGTERM', 'SIGCONT', 'SIGKILL']);
});

it('says who is still there although it was killed, and ends', async () => {
  const said = await stopped([new Process(1, []), new Process(2, ['SIGTERM'])]);
  expect(said).toEqual([
    expect.stringMatching(/^server s1: process 1 was killed and has not ended: a system call/),
  ]);
});
