/**
 * Three servers, each a process of its own with its own directory, and wires of the test's between
 * them. The test is their supervisor: it starts, kills, stops and continues them one by one.
 */
import { join } from 'node:path';
import type { Random } from '../../src/ports/random.ts';
import type { DiskBreaks } from './breakable-disk.ts';
import { built } from './built-command.ts';
import { COMMAND, freePorts } from './running-cluster.ts';
import { type Life, spawnServer } from './server-life.ts';
import { eventually, isReady, leaderAmong, type StatusReport, statusOf } from './statuses.ts';
import { Wires } from './wires.ts';

/** No condition is waited for longer; a machine with other work to do gets by with a tenth. */
const PATIENCE_MS = 30_000;
const REQUEST_TIMEOUT = '2s';
const IDS = ['a', 'b', 'c'] as const;
const DISK = ['--import', built('breakable-disk')];

export class ServerProcesses {
  readonly ids: readonly string[] = IDS;
  readonly endpoints: readonly string[];
  readonly wires: Wires;
  readonly #directory: string;
  readonly #lives = new Map<string, Life>();
  readonly #prefixes = new Map<string, readonly string[]>();

  private constructor(directory: string, firstPort: number, wires: Wires) {
    this.#directory = directory;
    this.wires = wires;
    this.endpoints = IDS.map((_, place) => `http://127.0.0.1:${firstPort + place}`);
  }

  /** A new cluster in that directory; resolves when it is ready. */
  static async make(directory: string, random: Random): Promise<ServerProcesses> {
    const first = await freePorts(2 * IDS.length);
    const ports = IDS.map((id, place): [string, number] => [id, first + IDS.length + place]);
    const wires = await Wires.between(new Map(ports), random);
    const cluster = new ServerProcesses(directory, first, wires);
    try {
      await Promise.all(IDS.map((id) => cluster.start(id, '--bootstrap')));
      await cluster.ready();
    } catch (error) {
      await cluster.close();
      throw error;
    }
    return cluster;
  }

  directoryOf(id: string): string {
    return join(this.#directory, id);
  }

  endpointOf(id: string): string {
    return this.endpoints[this.ids.indexOf(id)] as string;
  }

  othersThan(...some: readonly string[]): string[] {
    return this.ids.filter((id) => !some.includes(id));
  }

  /** Resolves when it listens. @throws Error with what it said when it cannot start. */
  async start(id: string, ...flags: string[]): Promise<void> {
    const life = this.#spawn(id, flags);
    await eventually(`server ${id} listens`, PATIENCE_MS, () => {
      if (life.child.exitCode !== null)
        throw new Error(`server ${id} did not start: ${life.output}`);
      return life.isListening;
    });
  }

  /** What it says, and its exit code, when it cannot start. @throws Error when it can. */
  async refusesToStart(id: string): Promise<{ code: number | null; said: string }> {
    const life = this.#spawn(id, []);
    return eventually(`server ${id} refuses to start`, PATIENCE_MS, () => {
      if (life.isListening) throw new Error(`server ${id} started, which it must not`);
      return life.child.exitCode === null ? null : { code: life.child.exitCode, said: life.output };
    });
  }

  /** All of them in one go; resolves when they are gone. */
  async kill(...ids: readonly string[]): Promise<void> {
    await this.#end('SIGKILL', ids);
  }

  /** As a service manager would. */
  async stop(id: string): Promise<void> {
    await this.#end('SIGTERM', [id]);
  }

  /** They stand still until they are continued, and do not know. */
  pause(...ids: readonly string[]): void {
    for (const id of ids) this.#life(id).child.kill('SIGSTOP');
  }

  resume(): void {
    for (const { child } of this.#lives.values()) child.kill('SIGCONT');
  }

  /** What stands before its command line from its next start on. */
  runWith(id: string, prefix: readonly string[]): void {
    this.#prefixes.set(id, prefix);
  }

  breakDisk(id: string, diskTrouble: DiskBreaks['diskTrouble']): void {
    const message: DiskBreaks = { diskTrouble };
    this.#life(id).child.send(message);
  }

  /** The exit code of a server that ends by itself, and what it had said. */
  async endsByItself(id: string): Promise<{ code: number | null; said: string }> {
    const { child, ended } = this.#life(id);
    await eventually(`server ${id} ends`, PATIENCE_MS, () => child.exitCode !== null);
    return { code: await ended, said: this.#life(id).output };
  }

  status(id: string): Promise<StatusReport | null> {
    return statusOf(this.endpointOf(id));
  }

  /** The leader, as far as some of them know: all that run, unless told which. */
  leader(ids: readonly string[] = this.#running()): Promise<StatusReport> {
    const endpoints = ids.map((id) => this.endpointOf(id));
    return eventually(`one of ${ids.join(', ')} leads`, PATIENCE_MS, () => leaderAmong(endpoints));
  }

  /** Resolves when all follow one leader, and have applied whatever was committed by now. */
  async ready(): Promise<void> {
    const { commitIndex } = await this.leader(this.ids);
    await eventually('every server is ready', PATIENCE_MS, async () => {
      const answers = await Promise.all(this.endpoints.map(isReady));
      const reports = await Promise.all(this.endpoints.map(statusOf));
      const [first] = reports;
      const agree = reports.every((each) => each?.leader != null && each.leader === first?.leader);
      const isCurrent = reports.every((each) => (each?.appliedIndex ?? 0) >= commitIndex);
      return agree && isCurrent && answers.every(Boolean);
    });
  }

  /** Everything is as it was: wires whole, nobody stands still, and whoever is down starts again. */
  async heal(): Promise<void> {
    this.wires.heal();
    this.resume();
    const down = this.ids.filter((id) => !this.#running().includes(id));
    await Promise.all(down.map((id) => this.start(id)));
    await this.ready();
  }

  /** What each of them said last, for a failure. */
  lastWords(): string {
    const spoken = [...this.#lives].filter(([, { output }]) => output !== '');
    return spoken.map(([id, { output }]) => `--- ${id}\n${output.slice(-2_000)}`).join('\n');
  }

  /** Nothing is left running. */
  async close(): Promise<void> {
    await this.kill(...this.#running());
    await this.wires.close();
  }

  #running(): string[] {
    const isDown = ({ child }: Life) => child.exitCode !== null || child.signalCode !== null;
    return [...this.#lives].filter(([, life]) => !isDown(life)).map(([id]) => id);
  }

  async #end(signal: NodeJS.Signals, ids: readonly string[]): Promise<void> {
    const lives = ids.map((id) => this.#life(id));
    for (const { child } of lives) child.kill(signal);
    await Promise.all(lives.map(({ ended }) => ended));
  }

  #life(id: string): Life {
    const life = this.#lives.get(id);
    if (life === undefined) throw new Error(`server ${id} was never started`);
    return life;
  }

  #spawn(id: string, flags: readonly string[]): Life {
    const client = new URL(this.endpointOf(id)).host;
    const peerPort = Number(new URL(this.endpointOf(id)).port) + this.ids.length;
    const places = ['--data-dir', this.directoryOf(id), '--client-addr', client];
    const peers = ['--cluster', this.wires.clusterFlag(id), '--peer-addr', `127.0.0.1:${peerPort}`];
    const own = ['--id', id, '--request-timeout', REQUEST_TIMEOUT];
    const [script = '', ...node] = [...COMMAND].reverse();
    const argv = [...node.reverse(), ...DISK, script, 'server', ...own, ...places, ...peers];
    const prefix = this.#prefixes.get(id) ?? [];
    const [program = '', ...rest] = [...prefix, process.execPath, ...argv, ...flags];
    const life = spawnServer(program, rest);
    this.#lives.set(id, life);
    return life;
  }
}
