/**
 * (f) Three servers as they grow: what a put costs, what is held in memory and on disk, how long the
 * event loop pauses and a start takes, at 10,000, 100,000 and 1,000,000 keys, and on to 10,000,000
 * writes over these.
 *
 *     npm run bench -- growth [--minutes 5] [--writes 10000000] [--store http]
 */
import { lstatSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { LoadGenerator } from './versus/load-generator.ts';
import { pausesEnvironment, pausesOf } from './versus/loop-pauses.ts';
import { startOnFreePorts } from './versus/measure.ts';
import { buildIfStale, statecraft } from './versus/statecraft.ts';
import type { RunningStore } from './versus/store.ts';
import { figureText } from './versus/table.ts';
import { builtGo, missing, whatIsInstalled } from './versus/tools.ts';
import { residentOf, usageOf } from './versus/usage.ts';

const KEYS_MAX = 1_000_000;
const CHECKPOINTS = [10_000, 100_000, KEYS_MAX, 2_000_000, 5_000_000, 10_000_000];
const CALLERS = 64;
const BYTES = 256;
const MEASURED_SECONDS = 5;
/** Written between two looks at the clock. */
const PIECE = 20_000;

const COLUMNS = [
  'writes',
  'keys',
  'put/s',
  'processor µs a put',
  'p50 ms',
  'p99 ms',
  'longest pause ms',
  'resident MiB',
  'disk MiB',
  'start s',
  'errors',
];

/** Servers that grow, and what writes to them. */
class Growing {
  readonly #running: RunningStore;
  readonly #program: string;
  readonly #pauses: string;
  #generator: LoadGenerator | null = null;
  #errors = 0;
  writes = 0;

  constructor(running: RunningStore, program: string, pauses: string) {
    this.#running = running;
    this.#program = program;
    this.#pauses = pauses;
  }

  get keys(): number {
    return Math.min(this.writes, KEYS_MAX);
  }

  /** New keys first, then any of them again. */
  async write(count: number): Promise<void> {
    const base = { callers: CALLERS, seconds: 0, rate: 0, bytes: BYTES };
    const fills = this.writes < KEYS_MAX;
    const until = this.writes + count;
    const load = fills
      ? ({ ...base, operation: 'fill', from: this.writes, keys: until } as const)
      : ({ ...base, operation: 'put', count, keys: KEYS_MAX } as const);
    const { operations, seconds, errors, mostMs } = await (await this.#loads()).run(load);
    this.writes = until;
    this.#errors += errors;
    process.stderr.write(
      `${until.toLocaleString('en').padStart(10)} writes  ` +
        `${figureText(operations / seconds).padStart(7)}/s  ` +
        `longest ${figureText(mostMs).padStart(6)} ms\n`,
    );
  }

  /** One row of the table. The servers run on; they have been started anew. */
  async measure(): Promise<readonly string[]> {
    const load = { operation: 'put', callers: CALLERS, rate: 0, bytes: BYTES } as const;
    const generator = await this.#loads();
    const before = usageOf(this.#running.pids);
    const result = await generator.run({ ...load, seconds: MEASURED_SECONDS, keys: this.keys });
    const after = usageOf(this.#running.pids);
    this.#errors += result.errors;
    const pauses = await pausesOf(this.#running.pids, this.#pauses);
    const { directory } = this.#running.place;
    const disks = ['a', 'b', 'c'].map((id) => bytesBelow(join(directory, id)) / 2 ** 20);
    const row = [
      this.writes.toLocaleString('en'),
      this.keys.toLocaleString('en'),
      figureText(result.operations / result.seconds),
      figureText((after.processorMicros - before.processorMicros) / result.operations),
      figureText(result.p50Ms),
      figureText(result.p99Ms),
      figureText(Math.max(...pauses)),
      figureText(Math.max(...residentOf(this.#running.pids))),
      figureText(Math.max(...disks)),
    ];
    await this.stopLoads();
    const startMs = await this.#running.restart();
    await this.forgetPauses();
    const errors = this.#errors;
    this.#errors = 0;
    return [...row, figureText(startMs / 1_000), String(errors)];
  }

  /** A start is a figure of its own. */
  async forgetPauses(): Promise<void> {
    await pausesOf(this.#running.pids, this.#pauses);
  }

  async stopLoads(): Promise<void> {
    await this.#generator?.stop();
    this.#generator = null;
  }

  /** After a start, another one may lead. */
  async #loads(): Promise<LoadGenerator> {
    const { store } = this.#running;
    const leader = await this.#running.leader();
    this.#generator ??= new LoadGenerator(this.#program, [...store.loadFlags, '-endpoint', leader]);
    return this.#generator;
  }
}

/** What the files below a directory take on the disk. */
function bytesBelow(directory: string): number {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => lstatSync(join(directory, name)).blocks * 512)
    .reduce((sum, bytes) => sum + bytes, 0);
}

export async function benchGrowth(args: readonly string[] = []): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '5' },
      writes: { type: 'string', default: String(CHECKPOINTS.at(-1)) },
      store: { type: 'string', default: 'http' },
    },
  });
  const why = missing(whatIsInstalled(false));
  if (why !== null) {
    process.stdout.write(`${why}\n`);
    return;
  }
  buildIfStale();
  const program = builtGo('load');
  const pauses = await mkdtemp(join(tmpdir(), 'statecraft-pauses-'));
  const store = statecraft('Statecraft', values.store, pausesEnvironment(pauses));
  const running = await startOnFreePorts(store);
  const growing = new Growing(running, program, pauses);
  try {
    await growing.forgetPauses();
    process.stdout.write(`${store.version}\n\n`);
    const until = performance.now() + Number(values.minutes) * 60_000;
    await grow(growing, Number(values.writes), until);
  } finally {
    await growing.stopLoads();
    await running.stop();
    await rm(pauses, { recursive: true });
  }
}

/** From checkpoint to checkpoint, until all are reached or the time is over. */
async function grow(growing: Growing, writesMax: number, until: number): Promise<void> {
  const line = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
  line(COLUMNS);
  line(COLUMNS.map(() => '--:'));
  for (const checkpoint of CHECKPOINTS.filter((writes) => writes <= writesMax)) {
    while (growing.writes < checkpoint && performance.now() < until) {
      await growing.write(Math.min(PIECE, checkpoint - growing.writes));
    }
    line(await growing.measure());
    if (performance.now() >= until) return;
  }
}
