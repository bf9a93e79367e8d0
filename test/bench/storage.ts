/**
 * What the file storage costs by itself, on this disk:
 * `node --import tsx test/bench/storage.ts`
 */
import { constants } from 'node:fs';
import { mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Entry } from '../../machines/rules/entries.ts';
import { fileStorage } from '../../src/node/file-storage.ts';
import { BASE, IDENTITY } from '../../src/testing/storage-model.ts';

const MEBIBYTE = 1024 * 1024;
const bytes = new Uint8Array(256).fill(7);
const say = (line: string) => process.stdout.write(`${line}\n`);

async function quantiles(count: number, step: (turn: number) => Promise<unknown>) {
  const took: number[] = [];
  for (let turn = 0; turn < count; turn += 1) {
    const start = performance.now();
    await step(turn);
    took.push(performance.now() - start);
  }
  took.sort((a, b) => a - b);
  const at = (share: number) => (took[Math.floor(count * share)] ?? 0).toFixed(3);
  return `p50 ${at(0.5)} ms, p99 ${at(0.99)} ms`;
}

/** One write and one sync, against a file opened so that every write is synced. */
async function compareSyncs(directory: string): Promise<void> {
  const path = join(directory, 'syncs');
  const record = bytes;
  await (await open(path, 'w')).close();
  for (let repetition = 0; repetition < 5; repetition += 1) {
    for (const isDsync of [false, true]) {
      const file = await open(path, constants.O_RDWR | (isDsync ? constants.O_DSYNC : 0));
      await file.write(new Uint8Array(MEBIBYTE), 0, MEBIBYTE, 0);
      await file.datasync();
      const cost = await quantiles(2000, async (turn) => {
        await file.write(record, 0, record.byteLength, turn * 400);
        if (!isDsync) await file.datasync();
      });
      say(`${isDsync ? 'O_DSYNC write      ' : 'write and fdatasync'}  ${cost}`);
      await file.close();
    }
  }
}

async function writeAndLoad(directory: string): Promise<void> {
  const storage = fileStorage(join(directory, 'a'));
  await storage.initialise(IDENTITY, BASE);
  let number = 0;
  let index = 0;
  const state = { term: 1, votedFor: 'a', commitIndex: 0, truncateFrom: null, base: null };
  const write = (count: number) => {
    const entries = Array.from({ length: count }, (): Entry => {
      index += 1;
      return { index, term: 1, time: index, type: 'command', bytes };
    });
    number += 1;
    return storage.write({ ...state, writeId: number, entries, snapshot: null });
  };
  for (const count of [60, 1]) {
    say(
      `storage: ${count} × 256 bytes  ${await quantiles(6000 / Math.ceil(2 / count), () => write(count))}`,
    );
  }
  await storage.close();
  await load(join(directory, 'a'));
}

async function load(directory: string): Promise<void> {
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  const before = process.memoryUsage();
  pauses.enable();
  const start = performance.now();
  const storage = fileStorage(directory);
  const stored = await storage.load(IDENTITY);
  const tookMs = performance.now() - start;
  pauses.disable();
  const buffers = (process.memoryUsage().arrayBuffers - before.arrayBuffers) / MEBIBYTE;
  say(
    `load: ${stored?.entries.length} entries in ${tookMs.toFixed(0)} ms, longest pause ` +
      `${(pauses.max / 1e6).toFixed(0)} ms, buffers +${buffers.toFixed(0)} MiB`,
  );
  await storage.close();
}

const directory = await mkdtemp(join(tmpdir(), 'statecraft-bench-'));
try {
  await compareSyncs(directory);
  await writeAndLoad(directory);
} finally {
  await rm(directory, { recursive: true });
}
