/**
 * One operating-system process per server: starts them, starts again those that end, and stops them
 * all. Each has a channel to us; when that breaks, because we are gone, it stops itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { realClock } from '../node/real-time.ts';
import type { Clock } from '../ports/clock.ts';
import { withoutVariables } from './environment.ts';
import { lineOf } from './exit-codes.ts';
import { type FileWatchOptions, stateOf, watchFiles } from './file-watch.ts';
import { MEMORY_ENVIRONMENT } from './memory-at-rest.ts';
import { type Ending, NEVER_ENDED, type RestartHistory, restartAfter } from './restart-policy.ts';
import type { ServerHealth, ServerNews } from './server-lifetime.ts';

export interface Supervised {
  readonly id: string;
  /** Of `statecraft server`; the first start may have more. */
  readonly flags: readonly string[];
  readonly firstFlags: readonly string[];
  /** Files and directories that decide whether it can start. */
  readonly files: readonly string[];
}

export interface SupervisorOptions {
  readonly servers: readonly Supervised[];
  readonly restarts: boolean;
  readonly log: (line: string, id: string) => void;
  /** A server is running that was not. */
  readonly onStarted: (id: string, pid: number) => void;
  readonly onDied: (id: string) => void;
  readonly onHealth: (id: string, health: ServerHealth) => void;
  /** All are down and none will come back. */
  readonly onAllDown: () => void;
  /** Starts a process of `statecraft server` with these flags. */
  readonly launch: (flags: readonly string[]) => ChildProcess;
  readonly clock?: Clock;
  /** What is compared to see whether files have changed. */
  readonly look?: FileWatchOptions['look'];
}

/** Servers end by themselves within four seconds of being told to. */
const KILL_AFTER_MS = 4_300;
/** Who is killed ends at once, or when the kernel lets go of it. */
const KILLED_WITHIN_MS = 1_000;

/** How a start went. */
type StartNews = Exclude<ServerNews, { readonly type: 'health' }>;
type OnNews = (news: StartNews) => void;

interface Life {
  readonly child: ChildProcess;
  /** Null until it has said that it listens. */
  startedAt: number | null;
}

/** Runs the script of this very process. All that a server is told stands in its flags. */
export function launchServer(flags: readonly string[]): ChildProcess {
  const argv = [...process.execArgv, process.argv[1] ?? '', 'server', ...flags];
  return spawn(process.execPath, argv, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...MEMORY_ENVIRONMENT, ...withoutVariables(process.env) },
  });
}

export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #clock: Clock;
  readonly #lives = new Map<string, Life>();
  readonly #histories = new Map<string, RestartHistory>();
  /** Of servers that are down: ends the wait for their next start. */
  readonly #waits = new Map<string, () => void>();
  /** Those that have run: only before that may a directory still have to be made. */
  readonly #started = new Set<string>();
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
  }

  /** Resolves when every server listens. @throws Error with the first sentence of one that cannot. */
  async start(): Promise<void> {
    await Promise.all(this.#options.servers.map((server) => this.#firstStart(server)));
  }

  /**
   * Tells all to stop, and kills who does not. Resolves when no process is left but those of which a
   * thread sleeps in the kernel, which nothing ends.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const endWait of this.#waits.values()) endWait();
    const children = [...this.#lives.values()].map(({ child }) => child);
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) {
      child.kill('SIGTERM');
      // One that was stopped with SIGSTOP has to wake up to hear it.
      child.kill('SIGCONT');
    }
    const late = this.#clock.setTimeout(() => this.killAll(), KILL_AFTER_MS);
    let limit: unknown;
    const isLate = new Promise<void>((resolve) => {
      limit = this.#clock.setTimeout(resolve, KILL_AFTER_MS + KILLED_WITHIN_MS);
    });
    await Promise.race([Promise.all(ended), isLate]);
    this.#clock.clearTimeout(late);
    this.#clock.clearTimeout(limit);
    for (const [id, { child }] of this.#lives) {
      this.#options.log(
        `server ${id}: process ${child.pid} was killed and is still there: a system call of it hangs, ` +
          'and only the disk ends it, or a restart of the machine',
        id,
      );
    }
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

  #spawn(server: Supervised, onNews: OnNews): void {
    const { id, flags, firstFlags } = server;
    let child: ChildProcess;
    try {
      child = this.#options.launch(this.#started.has(id) ? flags : [...flags, ...firstFlags]);
    } catch (error) {
      this.#neverRan(server, error, onNews);
      return;
    }
    const life: Life = { child, startedAt: null };
    this.#lives.set(id, life);
    let refusal: Ending | null = null;
    child.on('message', (news: ServerNews) => {
      if (news.type === 'health') {
        this.#options.onHealth(id, news);
        return;
      }
      if (news.type === 'started') this.#isUp(id, life);
      else refusal = news;
      onNews(news);
    });
    // Later errors are about messages and signals that did not get through: its end says it all.
    child.once(
      'error',
      (error) => child.pid === undefined && this.#neverRan(server, error, onNews),
    );
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      const isKilled = signal !== null || code === 0;
      this.#ended(server, refusal ?? { type: isKilled ? 'killed' : 'failed', how }, onNews);
    });
  }

  #isUp(id: string, life: Life): void {
    life.startedAt = this.#clock.now();
    this.#started.add(id);
    this.#options.onStarted(id, life.child.pid ?? 0);
  }

  /** There was no process, or no memory for one: that passes. */
  #neverRan(server: Supervised, error: unknown, onNews: OnNews): void {
    const message = `its process cannot be made: ${lineOf(error)}`;
    const news = { type: 'cannotStart', message, needsPerson: false } as const;
    onNews(news);
    this.#ended(server, news, onNews);
  }

  #ended(server: Supervised, ending: Ending, onNews: OnNews): void {
    const { id } = server;
    const { log, restarts, onDied, onAllDown } = this.#options;
    const startedAt = this.#lives.get(id)?.startedAt ?? null;
    this.#lives.delete(id);
    if (this.#isStopping) return;
    onDied(id);
    if (!restarts) {
      log(
        `server ${id} has ended (${ending.type === 'cannotStart' ? ending.message : ending.how}); it stays down`,
        id,
      );
      if (this.#lives.size === 0) onAllDown();
      return;
    }
    const now = this.#clock.now();
    const before = this.#histories.get(id) ?? NEVER_ENDED;
    const restart = restartAfter(before, id, ending, startedAt === null ? 0 : now - startedAt, now);
    this.#histories.set(id, restart);
    if (restart.line !== null) log(restart.line, id);
    this.#wait(server, restart.waitMs, restart.watchesFiles, onNews);
  }

  #wait(server: Supervised, waitMs: number, watchesFiles: boolean, onNews: OnNews): void {
    const { id, files: paths } = server;
    const { look = stateOf } = this.#options;
    const again = () => {
      endWait();
      this.#waits.delete(id);
      this.#spawn(server, onNews);
    };
    const timer = this.#clock.setTimeout(again, waitMs);
    const endWatch = watchesFiles
      ? watchFiles({ paths, clock: this.#clock, look, onChanged: again })
      : null;
    const endWait = () => {
      this.#clock.clearTimeout(timer);
      endWatch?.();
    };
    this.#waits.set(id, endWait);
  }
}
