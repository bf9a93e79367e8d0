/**
 * One round of a real fault: a new cluster under load, the fault, everything healed, every key read
 * once more, and the whole history judged.
 */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SeededRandom } from '../../src/simulation/random.ts';
import {
  assertLinearizable,
  judge,
  type Recorded,
  readHistory,
  withLostAppend,
} from './history.ts';
import { Load, type Throughput } from './load.ts';
import { REAL_FAULTS } from './real-faults.ts';
import { ServerProcesses } from './server-processes.ts';

const STRETCH_MS = 1_000;
/** Operations until young processes are as fast as they will be. */
const WARM_UP = 400;

export interface RoundReport {
  readonly fault: string;
  readonly seed: number;
  readonly durationMs: number;
  /** Operations that succeeded in the whole round. */
  readonly operations: number;
  readonly throughputs: readonly Throughput[];
}

/**
 * @param fault a name in `REAL_FAULTS`
 * @throws Error that says what went wrong and where the history is kept
 */
export async function runRound(fault: string, seed: number): Promise<RoundReport> {
  const strike = REAL_FAULTS[fault];
  if (strike === undefined) throw new Error(`there is no fault called "${fault}"`);
  const from = performance.now();
  const random = new SeededRandom(`${fault}/${seed}`);
  const directory = await mkdtemp(join(tmpdir(), 'statecraft-round-'));
  const path = join(directory, 'history.jsonl');
  const cluster = await ServerProcesses.make(directory, random.fork('wires'));
  const load = new Load(cluster.endpoints, path, random.fork('load'));
  try {
    load.start();
    await load.progressed(WARM_UP);
    await load.counts('before the fault', STRETCH_MS);
    await strike(cluster, load, random.fork('fault'));
    await cluster.heal();
    await load.counts('after the fault', STRETCH_MS);
    await load.finish();
    const history = await readHistory(path);
    assertLinearizable(history);
    assertNoticesLoss(history);
  } catch (error) {
    await load.close();
    await writeFile(join(directory, 'servers.log'), cluster.lastWords());
    const reason = error instanceof Error ? error.message : String(error);
    const message = `${fault} · seed ${seed}: ${reason}\nIts history is kept as ${path}.`;
    throw new Error(`${message}\n${cluster.lastWords()}`, { cause: error });
  } finally {
    await cluster.close();
  }
  await rm(directory, { recursive: true, force: true });
  const { throughputs, recorder } = load;
  const durationMs = Math.round(performance.now() - from);
  return { fault, seed, durationMs, operations: recorder.answered, throughputs };
}

/** A judge that would accept this very history without one of its writes proves nothing. */
function assertNoticesLoss(history: readonly Recorded[]): void {
  const owned = history.find(({ call }) => call.key.startsWith('owned/'))?.call.key ?? '';
  const { verdict } = judge(withLostAppend(history, owned));
  assert.equal(verdict, 'violation', `the last append to "${owned}" was taken out unnoticed`);
}
