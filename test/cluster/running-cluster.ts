/** `statecraft cluster` as a real process with its servers, on free ports, in a directory of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { built } from './built-command.ts';
import { eventually, leaderAmong, type StatusReport, statusOf } from './statuses.ts';

const PATIENCE_MS = 30_000;
/** The command line as a process: what Node.js is started with. */
export const COMMAND = [built('main')];

export interface ClusterOptions {
  readonly servers?: number;
  readonly flags?: readonly string[];
  /** Of Node.js, for the supervisor and its servers. */
  readonly nodeFlags?: readonly string[];
  /** An existing directory, kept afterwards. */
  readonly directory?: string;
}

/** Whether the ports from `first` on are all free just now. */
async function areFree(first: number, count: number): Promise<boolean> {
  for (let port = first; port < first + count; port += 1) {
    const isFree = await new Promise<boolean>((done) => {
      const server = createServer();
      server.once('error', () => done(false));
      server.listen(port, '127.0.0.1', () => server.close(() => done(true)));
    });
    if (!isFree) return false;
  }
  return true;
}

const PORTS = { from: 20_000, perWorker: 3_000, workers: 4 };

/** The first of `count` free ports in a row. Each worker of Vitest looks among its own. */
export async function freePorts(count: number): Promise<number> {
  const worker = Number(process.env.VITEST_POOL_ID ?? 0) % PORTS.workers;
  const from = PORTS.from + worker * PORTS.perWorker;
  for (;;) {
    const first = from + Math.floor(Math.random() * (PORTS.perWorker - count));
    if (await areFree(first, count)) return first;
  }
}

export class RunningCluster {
  readonly ids: readonly string[];
  readonly endpoints: readonly string[];
  readonly peerPort: number;
  readonly clientPort: number;
  readonly directory: string;
  readonly child: ChildProcess;
  output = '';
  readonly #keepsDirectory: boolean;
  #watchers: (() => void)[] = [];

  private constructor(
    options: ClusterOptions,
    place: { clientPort: number; peerPort: number; directory: string },
  ) {
    const { servers = 3, flags = [], nodeFlags = [] } = options;
    this.clientPort = place.clientPort;
    this.peerPort = place.peerPort;
    this.directory = place.directory;
    this.#keepsDirectory = options.directory !== undefined;
    this.ids = Array.from({ length: servers }, (_, i) => String.fromCharCode(97 + i));
    this.endpoints = this.ids.map((_, i) => `http://127.0.0.1:${place.clientPort + i}`);
    const sizes = ['--servers', String(servers), '--data-dir', place.directory];
    const ports = [
      '--client-port',
      String(place.clientPort),
      '--peer-port',
      String(place.peerPort),
    ];
    const argv = [...nodeFlags, ...COMMAND, 'cluster', ...sizes, ...ports, ...flags];
    this.child = spawn(process.execPath, argv, { stdio: ['ignore', 'pipe', 'pipe'] });
    const note = (text: string) => {
      this.output += text;
      for (const watcher of this.#watchers.splice(0)) watcher();
    };
    this.child.stdout?.setEncoding('utf8').on('data', note);
    this.child.stderr?.setEncoding('utf8').on('data', note);
    this.child.once('close', () => note(''));
  }

  /** Resolves when the cluster has said that it is ready. */
  static async start(options: ClusterOptions = {}): Promise<RunningCluster> {
    const count = options.servers ?? 3;
    const first = await freePorts(2 * count);
    const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'statecraft-cluster-')));
    const cluster = new RunningCluster(options, {
      clientPort: first,
      peerPort: first + count,
      directory,
    });
    await cluster.says(/^ready: leader/m);
    return cluster;
  }

  /** Resolves when the output has the pattern from position `from` on; fails when it ends first. */
  async says(pattern: RegExp, from = 0): Promise<RegExpMatchArray> {
    for (;;) {
      const match = this.output.slice(from).match(pattern);
      if (match !== null) return match;
      if (this.child.exitCode !== null || this.child.signalCode !== null) {
        throw new Error(`the cluster ended before it said ${pattern}:\n${this.output}`);
      }
      await new Promise<void>((done) => this.#watchers.push(done));
    }
  }

  /** What one server says of itself, or null when it does not answer. */
  status(id: string): Promise<StatusReport | null> {
    return statusOf(this.endpoints[this.ids.indexOf(id)] as string);
  }

  /** The leader of the newest term, as itself says. */
  leader(): Promise<StatusReport> {
    return eventually('one of them leads', PATIENCE_MS, () => leaderAmong(this.endpoints));
  }

  async pidOf(id: string): Promise<number> {
    const report = await this.status(id);
    if (report === null) throw new Error(`server ${id} does not answer`);
    return report.pid;
  }

  /** Ends the cluster, and resolves with its exit code. */
  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    const ended = this.ended();
    this.child.kill(signal);
    const code = await ended;
    if (!this.#keepsDirectory) await rm(this.directory, { recursive: true, force: true });
    return code;
  }

  ended(): Promise<number | null> {
    if (this.child.exitCode !== null) return Promise.resolve(this.child.exitCode);
    return new Promise((done) => this.child.once('exit', done));
  }
}
