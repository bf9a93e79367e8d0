/** The supervisor with processes that do as they are told, in virtual time. */
import type { ChildProcess } from 'node:child_process';
import { EventEmitter } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { stateOf, watchServedFiles } from '../../src/cli/file-watch.ts';
import { Supervisor } from '../../src/cli/supervisor.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const OUTAGE = { type: 'cannotStart', message: 'EIO: read', needsOperator: false } as const;
const DAMAGE = { type: 'cannotStart', message: 'It is damaged', needsOperator: true } as const;

class Process extends EventEmitter {
  pid: number | undefined;
  readonly flags: readonly string[];

  constructor(pid: number, flags: readonly string[]) {
    super();
    this.pid = pid;
    this.flags = flags;
  }

  start(): void {
    this.emit('message', { type: 'started' });
  }

  end(code: number | null, signal: string | null = null): void {
    this.emit('exit', code, signal);
  }

  refuse(news: typeof OUTAGE | typeof DAMAGE): void {
    this.emit('message', news);
    this.end(2);
  }

  kill(signal: string): boolean {
    if (signal === 'SIGTERM') this.end(0);
    return true;
  }
}

let clock: VirtualClock;
let processes: Process[];
let lines: string[];
let directory: string;
let launchFault: Error | null;
let isAllDown: boolean;
/** What there is in the server's files. */
let files: string;

beforeEach(async () => {
  clock = new VirtualClock();
  processes = [];
  lines = [];
  launchFault = null;
  isAllDown = false;
  files = 'damaged';
  directory = await mkdtemp(join(tmpdir(), 'statecraft-supervisor-'));
});
afterEach(() => rm(directory, { recursive: true }));

function supervise(restarts = true): Supervisor {
  return new Supervisor({
    servers: [{ id: 'a', flags: ['--id', 'a'], firstFlags: ['--bootstrap'], files: [directory] }],
    restarts,
    clock,
    look: async () => files,
    log: (line) => lines.push(line),
    launch: (flags) => {
      if (launchFault !== null) throw launchFault;
      const made = new Process(processes.length + 1, flags);
      processes.push(made);
      return made as unknown as ChildProcess;
    },
    onStarted: () => {},
    onDied: () => {},
    onHealth: () => {},
    onAllDown: () => {
      isAllDown = true;
    },
  });
}

const last = () => processes.at(-1) as Process;

/** Runs it until the server has started. */
async function running(): Promise<Supervisor> {
  const supervisor = supervise();
  const started = supervisor.start();
  last().start();
  await started;
  return supervisor;
}

/** Lets time pass; what looks at files gets as many turns as it may need. */
async function pass(durationMs: number): Promise<void> {
  const through = clock.now() + durationMs;
  clock.setTimeout(() => {}, durationMs);
  do await new Promise((resolve) => setImmediate(resolve));
  while (clock.fireNext(through));
}

/** Virtual time until there is another process. */
function untilNext(): number {
  const [before, count] = [clock.now(), processes.length];
  while (processes.length === count && clock.fireNext());
  return clock.now() - before;
}

describe('a supervised server', () => {
  it('is killed ten times in a row and is never away for more than a second', async () => {
    await running();
    const gaps = Array.from({ length: 10 }, () => {
      last().end(null, 'SIGKILL');
      const gap = untilNext();
      last().start();
      return gap;
    });
    expect(Math.max(...gaps)).toBeLessThanOrEqual(1_000);
  });

  it('is back soon after an outage of its disk, however long that was', async () => {
    await running();
    for (const outageMs of [3_000, 30_000, 3_600_000]) {
      const until = clock.now() + outageMs;
      last().end(1);
      untilNext();
      while (clock.now() < until) {
        last().refuse(OUTAGE);
        untilNext();
      }
      expect(clock.now() - until).toBeLessThanOrEqual(5_000);
      last().start();
    }
  });

  it('is asked to bootstrap only before it has ever run', async () => {
    await running();
    expect(last().flags).toEqual(['--id', 'a', '--bootstrap']);
    last().end(null, 'SIGKILL');
    untilNext();
    expect(last().flags).toEqual(['--id', 'a']);
  });

  it('that needs a person is tried again each minute, and said to be down once', async () => {
    await running();
    last().end(null, 'SIGKILL');
    untilNext();
    lines = [];
    for (let attempt = 0; attempt < 3; attempt += 1) {
      last().refuse(DAMAGE);
      const count = processes.length;
      await pass(59_999);
      expect(processes).toHaveLength(count);
      await pass(1);
      expect(processes).toHaveLength(count + 1);
    }
    expect(lines).toEqual([
      expect.stringMatching(/^server a cannot start: It is damaged; it stays/),
    ]);
  });

  it('that needs a person is tried as soon as its files were changed, and left alone', async () => {
    await running();
    last().refuse(DAMAGE);
    await pass(4_000);
    const count = processes.length;
    files = 'put back';
    await pass(4_000);
    expect(processes).toHaveLength(count + 1);
  });

  it('that could not be made as a process is tried again', async () => {
    const supervisor = await running();
    last().end(null, 'SIGKILL');
    launchFault = Object.assign(new Error('spawn EAGAIN'), { code: 'EAGAIN' });
    clock.fireNext();
    expect(lines.at(-1)).toMatch(
      /^server a cannot start: its process cannot be created: spawn EAGAIN/,
    );
    launchFault = null;
    untilNext();
    const child = last();
    child.pid = undefined;
    child.emit('error', new Error('spawn EMFILE'));
    expect(lines.at(-1)).toMatch(/spawn EMFILE; it is retried until it succeeds$/);
    untilNext();
    expect(last()).not.toBe(child);
    // One that never ran is not waited for.
    last().start();
    await supervisor.stop();
  });

  it('stays down without restarts, and that is the end when it was the last one', async () => {
    const supervisor = supervise(false);
    const started = supervisor.start();
    last().start();
    await started;
    last().end(null, 'SIGKILL');
    expect(lines).toEqual(['server a has ended (SIGKILL); it stays down']);
    expect(isAllDown).toBe(true);
    expect(clock.fireNext()).toBe(false);
  });

  it('is not started any more once all are told to stop', async () => {
    const supervisor = await running();
    last().end(null, 'SIGKILL');
    await supervisor.stop();
    while (clock.fireNext());
    expect(processes).toHaveLength(1);
  });

  it('that cannot start at first ends the start with its sentence', async () => {
    const supervisor = supervise();
    const started = supervisor.start();
    last().emit('message', DAMAGE);
    await expect(started).rejects.toThrow('It is damaged');
  });
});

describe('a watch of files', () => {
  it('waits until changes have come to an end', async () => {
    let changes = 0;
    const found = ['one', 'one', 'two', 'three', 'four', 'four'];
    const look = async () => found.shift() ?? 'four';
    watchServedFiles(look, clock, () => {
      changes += 1;
    });
    await pass(8_000);
    expect(changes).toBe(0);
    await pass(2_000);
    expect(changes).toBe(1);
    await pass(60_000);
    expect(changes).toBe(1);
  });

  it('says nothing of what is again as it was, nor after its end', async () => {
    let changes = 0;
    const found = ['one', 'two', 'one', 'one', 'two', 'two'];
    const look = async () => found.shift() ?? 'two';
    const end = watchServedFiles(look, clock, () => {
      changes += 1;
    });
    await pass(7_000);
    end();
    await pass(60_000);
    expect(changes).toBe(0);
  });

  it('sees a file that was made, changed, touched or taken away, in folders as well', async () => {
    const file = join(directory, 'file');
    const states = [await stateOf([directory])];
    await writeFile(file, 'one');
    states.push(await stateOf([directory]));
    await writeFile(file, 'other');
    states.push(await stateOf([directory]));
    await utimes(file, 1, 1);
    states.push(await stateOf([directory]));
    await rm(file);
    states.push(await stateOf([directory]));
    expect(new Set(states).size).toBe(states.length);
    expect(await stateOf([directory])).toBe(states.at(-1));
    expect(await stateOf([file])).toBe(`${file} ENOENT`);
  });

  it('does not follow links that lead round in circles, nor go deeper than our own folders', async () => {
    for (const name of ['one', 'other']) await symlink('.', join(directory, name));
    const deep = join(directory, 'log', 'more', 'still');
    await mkdir(deep, { recursive: true });
    const lines = (await stateOf([directory])).split('\n').map((line) => line.split(' ')[0]);
    expect(lines).toEqual(
      ['', '/log', '/log/more', '/one', '/other'].map((name) => directory + name),
    );
  });
});
