/**
 * One operating-system process per server: starts them, starts again those that die, and stops them
 * all. Each has a channel to us; when that breaks, because we are gone, it stops itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { MEMORY_ENVIRONMENT } from './memory-at-rest.ts';
import type { ServerNews } from './server-lifetime.ts';

export interface Supervised {
  readonly id: string;
  /** Of `statecraft server`; the first start may have more. */
  readonly flags: readonly string[];
  readonly firstFlags: readonly string[];
}

export interface SupervisorOptions {
  readonly servers: readonly Supervised[];
  /** The script that is run with `server` and the flags. */
  readonly script: string;
  readonly restarts: boolean;
  readonly log: (line: string) => void;
  /** A server is running that was not. */
  readonly onStarted: (id: string, pid: number) => void;
  readonly onDied: (id: string) => void;
  /** All are down and none will come back. */
  readonly onAllDown: () => void;
}

const RESTART_WAIT_MIN_MS = 500;
const RESTART_WAIT_MAX_MS = 10_000;
/** Who lived that long is no crash loop. */
const LONG_LIFE_MS = 30_000;
/** Servers end by themselves within four seconds of being told to. */
const KILL_AFTER_MS = 4_300;

interface Life {
  readonly child: ChildProcess;
  readonly startedAt: number;
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #lives = new Map<string, Life>();
  readonly #waits = new Map<string, number>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Those that have run: only before that may a directory still have to be made. */
  readonly #started = new Set<string>();
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /** Resolves when every server listens. @throws Error with the first sentence of one that cannot. */
  async start(): Promise<void> {
    await Promise.all(this.#options.servers.map((server) => this.#firstStart(server)));
  }

  /** Tells all to stop, and kills who does not. Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const timer of this.#timers.values()) clearTimeout(timer);
    const children = [...this.#lives.values()].map(({ child }) => child);
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) {
      child.kill('SIGTERM');
      // One that was stopped with SIGSTOP has to wake up to hear it.
      child.kill('SIGCONT');
    }
    const late = setTimeout(() => this.killAll(), KILL_AFTER_MS);
    await Promise.all(ended);
    clearTimeout(late);
  }

  killAll(): void {
    for (const { child } of this.#lives.values()) child.kill('SIGKILL');
  }

  #firstStart(server: Supervised): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#spawn(server, (news) => {
        if (news.type === 'started') resolve();
        else reject(new Error(news.message));
      });
    });
  }

  #spawn(server: Supervised, onNews: (news: ServerNews) => void): void {
    const { script } = this.#options;
    const { id, flags, firstFlags } = server;
    const argv = [...process.execArgv, script, 'server', ...flags];
    if (!this.#started.has(id)) argv.push(...firstFlags);
    const child = spawn(process.execPath, argv, {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
      env: { ...MEMORY_ENVIRONMENT, ...process.env },
    });
    this.#lives.set(id, { child, startedAt: performance.now() });
    let cannotStart = false;
    child.on('message', (news: ServerNews) => {
      if (news.type === 'started') this.#isUp(id, child);
      else cannotStart = true;
      onNews(news);
    });
    child.once('error', (error) => onNews({ type: 'cannotStart', message: error.message }));
    child.once('exit', (code, signal) => {
      this.#exited(server, cannotStart, signal ?? `exit code ${code}`, onNews);
    });
  }

  #isUp(id: string, { pid = 0 }: ChildProcess): void {
    this.#started.add(id);
    this.#options.onStarted(id, pid);
  }

  #exited(
    server: Supervised,
    cannotStart: boolean,
    how: string,
    onNews: (news: ServerNews) => void,
  ): void {
    const { id } = server;
    const { log, restarts, onDied, onAllDown } = this.#options;
    const lived = performance.now() - (this.#lives.get(id)?.startedAt ?? 0);
    this.#lives.delete(id);
    if (this.#isStopping) return;
    onDied(id);
    if (restarts && !cannotStart) {
      this.#startAgain(server, lived, how, onNews);
      return;
    }
    const hint = cannotStart ? 'it stays down until that is put right' : 'it stays down';
    log(`server ${id} has ended (${how}); ${hint}`);
    if (this.#lives.size === 0 && this.#timers.size === 0) onAllDown();
  }

  #startAgain(
    server: Supervised,
    lived: number,
    how: string,
    onNews: (news: ServerNews) => void,
  ): void {
    const { id } = server;
    const last = lived > LONG_LIFE_MS ? 0 : (this.#waits.get(id) ?? 0);
    const wait = Math.min(Math.max(last * 2, RESTART_WAIT_MIN_MS), RESTART_WAIT_MAX_MS);
    this.#waits.set(id, wait);
    this.#options.log(`server ${id} has ended (${how}); it is started again in ${wait} ms`);
    const again = () => {
      this.#timers.delete(id);
      this.#spawn(server, (news) => {
        if (news.type === 'cannotStart') this.#options.log(`server ${id}: ${news.message}`);
        onNews(news);
      });
    };
    this.#timers.set(id, setTimeout(again, wait));
  }
}
