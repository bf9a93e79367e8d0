/**
 * One operating-system process per server: starts them, restarts those that end, and stops them all.
 * Each has a channel to us; when that breaks, because this process is gone, it stops itself.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { realClock } from '../node/real-time.ts';
import type { Clock } from '../ports/clock.ts';
import { withoutVariables } from './environment.ts';
import { errorLine } from './exit-codes.ts';
import { stateOf, watchServedFiles } from './file-watch.ts';
import { MEMORY_ENVIRONMENT } from './memory-at-rest.ts';
import {
  NEVER_ENDED,
  nextRestart,
  type RestartHistory,
  type ServerExit,
} from './restart-policy.ts';
import type { ServerHealth, ServerMessage } from './server-lifetime.ts';

export interface Supervised {
  readonly id: string;
  /** Of `statecraft server`; the first start may have more. */
  readonly flags: readonly string[];
  readonly firstFlags: readonly string[];
  /** Files and directories that decide whether it can start. */
  readonly files: readonly string[];
}

interface SupervisorOptions {
  readonly servers: readonly Supervised[];
  readonly restarts: boolean;
  readonly log: (line: string, id: string) => void;
  /** A server that was down is running. */
  readonly onStarted: (id: string, pid: number) => void;
  readonly onDied: (id: string) => void;
  readonly onHealth: (id: string, health: ServerHealth) => void;
  /** All are down and none will come back. */
  readonly onAllDown: () => void;
  /** Starts a process of `statecraft server` with these flags. */
  readonly launch: (flags: readonly string[]) => ChildProcess;
  readonly clock?: Clock;
  /** What is compared to see whether the files have changed. */
  readonly look?: typeof stateOf;
}

/** Servers end by themselves within four seconds. */
const KILL_AFTER_MS = 4_300;
/** A process that is killed ends at once, or when the kernel releases it. */
const KILLED_WITHIN_MS = 1_000;

type OnStart = (result: Exclude<ServerMessage, { readonly type: 'health' }>) => void;

interface RunningServer {
  readonly child: ChildProcess;
  /** Null until it has reported that it listens. */
  startedAt: number | null;
}

/** Runs the script of this very process. Servers are configured by flags only. */
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
  /** What is told of each start; only the first one counts. */
  readonly #onStart = new Map<string, OnStart>();
  readonly #running = new Map<string, RunningServer>();
  readonly #histories = new Map<string, RestartHistory>();
  /** Of servers that are down: ends the wait for their next start. */
  readonly #waits = new Map<string, () => void>();
  /** Those that have run: before that, a directory may still have to be created. */
  readonly #started = new Set<string>();
  #isStopping = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? realClock;
  }

  /** Resolves when every server listens. @throws Error with the message of the first that cannot. */
  async start(): Promise<void> {
    const starts = this.#options.servers.map(
      (server) =>
        new Promise<void>((resolve, reject) => {
          this.#onStart.set(server.id, (result) => {
            if (result.type === 'started') resolve();
            else reject(new Error(result.message));
          });
          this.#spawn(server);
        }),
    );
    await Promise.all(starts);
  }

  /**
   * Stops all, and kills those that do not stop. Resolves when no process is left but those that
   * sleep in the kernel, which cannot be ended.
   */
  async stop(): Promise<void> {
    this.#isStopping = true;
    for (const endWait of this.#waits.values()) endWait();
    const children = [...this.#running.values()].map(({ child }) => child);
    const ended = children.map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of children) {
      child.kill('SIGTERM');
      // One that was stopped with SIGSTOP has to wake up to receive it.
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
    for (const [id, { child }] of this.#running) {
      this.#options.log(
        `server ${id}: process ${child.pid} was killed and has not ended: a system call hangs, ` +
          'and it ends when the disk responds or the machine restarts',
        id,
      );
    }
  }

  killAll(): void {
    for (const { child } of this.#running.values()) child.kill('SIGKILL');
  }

  #spawn(server: Supervised): void {
    const { id, flags, firstFlags } = server;
    let child: ChildProcess;
    try {
      child = this.#options.launch(this.#started.has(id) ? flags : [...flags, ...firstFlags]);
    } catch (error) {
      this.#neverRan(server, error);
      return;
    }
    const running: RunningServer = { child, startedAt: null };
    this.#running.set(id, running);
    let refusal: ServerExit | null = null;
    child.on('message', (message: ServerMessage) => {
      if (message.type === 'health') {
        this.#options.onHealth(id, message);
        return;
      }
      if (message.type === 'started') {
        running.startedAt = this.#clock.now();
        this.#started.add(id);
        this.#options.onStarted(id, child.pid ?? 0);
      } else refusal = message;
      this.#onStart.get(id)?.(message);
    });
    // Later errors are about messages and signals that were not delivered: the exit follows anyway.
    child.once('error', (error) => child.pid === undefined && this.#neverRan(server, error));
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      const isKilled = signal !== null || code === 0;
      this.#ended(server, refusal ?? { type: isKilled ? 'killed' : 'failed', how });
    });
  }

  /** No process could be created, for want of memory, say: that may pass. */
  #neverRan(server: Supervised, error: unknown): void {
    const message = `its process cannot be created: ${errorLine(error)}`;
    const exit = { type: 'cannotStart', message, needsOperator: false } as const;
    this.#onStart.get(server.id)?.(exit);
    this.#ended(server, exit);
  }

  #ended(server: Supervised, exit: ServerExit): void {
    const { id } = server;
    const { log, restarts, onDied, onAllDown } = this.#options;
    const startedAt = this.#running.get(id)?.startedAt ?? null;
    this.#running.delete(id);
    if (this.#isStopping) return;
    onDied(id);
    if (!restarts) {
      const how = exit.type === 'cannotStart' ? exit.message : exit.how;
      log(`server ${id} has ended (${how}); it stays down`, id);
      if (this.#running.size === 0) onAllDown();
      return;
    }
    const now = this.#clock.now();
    const before = this.#histories.get(id) ?? NEVER_ENDED;
    const runMs = startedAt === null ? 0 : now - startedAt;
    const restart = nextRestart(before, id, exit, runMs, now);
    this.#histories.set(id, restart);
    if (restart.line !== null) log(restart.line, id);
    this.#wait(server, restart.waitMs, restart.watchesFiles);
  }

  #wait(server: Supervised, waitMs: number, watchesFiles: boolean): void {
    const { id, files } = server;
    const { look = stateOf } = this.#options;
    const again = () => {
      endWait();
      this.#waits.delete(id);
      this.#spawn(server);
    };
    const timer = this.#clock.setTimeout(again, waitMs);
    const endWatch = watchesFiles ? watchServedFiles(() => look(files), this.#clock, again) : null;
    const endWait = () => {
      this.#clock.clearTimeout(timer);
      endWatch?.();
    };
    this.#waits.set(id, endWait);
  }
}
