/** What is compared: a store of three servers, started as its users start it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { openSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const IDS = ['a', 'b', 'c'] as const;
export type Id = (typeof IDS)[number];

const READY_WITHIN_MS = 60_000;
const STOPS_WITHIN_MS = 10_000;

/** Where its servers listen, and where they find each other: something may be in between. */
export interface Place {
  readonly directory: string;
  readonly clientPorts: Readonly<Record<Id, number>>;
  readonly peerPorts: Readonly<Record<Id, number>>;
  readonly peersFindAt: Readonly<Record<Id, number>>;
}

export interface Store {
  readonly title: string;
  readonly version: string;
  /** Of the load generator. */
  readonly loadFlags: readonly string[];
  /** Starts one server; `isFirst` when its directory is empty. */
  start(id: Id, place: Place, isFirst: boolean): ChildProcess;
  /** The leader's address for clients, once all are ready; null until then. */
  leader(place: Place): Promise<string | null>;
}

/** Its output goes to a file in the place's directory: it is read when something went wrong. */
export function startProcess(
  [command, ...flags]: readonly [string, ...string[]],
  { id, directory }: { readonly id: Id; readonly directory: string },
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): ChildProcess {
  const log = openSync(logOf(directory, id), 'a');
  return spawn(command, flags, { ...options, stdio: ['ignore', log, log] });
}

const logOf = (directory: string, id: Id) => join(directory, `${id}.log`);

/** Three processes that run, and their directory, which goes with them. */
export class RunningStore {
  readonly store: Store;
  readonly place: Place;
  readonly #processes = new Map<Id, ChildProcess>();

  /** What else goes with it. */
  readonly #onStop: () => void;

  private constructor(store: Store, place: Place, onStop: () => void) {
    this.store = store;
    this.place = place;
    this.#onStop = onStop;
  }

  /** Resolves when it has a leader. */
  static async start(
    store: Store,
    ports: Omit<Place, 'directory'>,
    onStop: () => void = () => {},
  ): Promise<RunningStore> {
    const directory = await mkdtemp(join(tmpdir(), 'statecraft-versus-'));
    const running = new RunningStore(store, { ...ports, directory }, onStop);
    try {
      for (const id of IDS) running.#start(id, true);
      await running.leader();
      return running;
    } catch (error) {
      await running.stop();
      throw error;
    }
  }

  get pids(): readonly number[] {
    return [...this.#processes.values()].map(({ pid }) => pid as number);
  }

  /** Resolves with the leader's address for clients, once there is one. */
  async leader(): Promise<string> {
    const until = performance.now() + READY_WITHIN_MS;
    for (;;) {
      for (const [id, { exitCode, signalCode }] of this.#processes) {
        if (exitCode !== null || signalCode !== null) throw new Error(await this.#ended(id));
      }
      const leader = await this.store.leader(this.place);
      if (leader !== null) return leader;
      if (performance.now() > until) throw new Error(`${this.store.title} has no leader`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Stops every server and starts it again; resolves with how long it took until there was a leader. */
  async restart(): Promise<number> {
    await this.#end();
    const startedAt = performance.now();
    for (const id of IDS) this.#start(id, false);
    await this.leader();
    return performance.now() - startedAt;
  }

  async stop(): Promise<void> {
    await this.#end();
    this.#onStop();
    await rm(this.place.directory, { recursive: true, force: true });
  }

  #start(id: Id, isFirst: boolean): void {
    this.#processes.set(id, this.store.start(id, this.place, isFirst));
  }

  async #end(): Promise<void> {
    await Promise.all([...this.#processes.values()].map(endOf));
    this.#processes.clear();
  }

  async #ended(id: Id): Promise<string> {
    const log = await readFile(logOf(this.place.directory, id), 'utf8');
    return `server ${id} of ${this.store.title} has ended:\n${log.slice(-2_000)}`;
  }
}

async function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const late = setTimeout(() => child.kill('SIGKILL'), STOPS_WITHIN_MS);
  await ended;
  clearTimeout(late);
}
