import { describe, expect, it } from 'vitest';
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import { firstBase } from '../../machines/rules/log.ts';
import type { WriteBatch } from '../../src/ports/storage.ts';
import { DiskHandle } from '../../src/simulation/disk-handle.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import {
  type FailedWrite,
  SeededRandom,
  SimulatedDisk,
  VirtualClock,
} from '../../src/simulation/index.ts';

const identity = { clusterId: 'x', serverId: 'a' };
const base = firstBase(bootstrapConfiguration({ a: 'x' }));
const batch = (number: number): WriteBatch => ({
  writeId: number,
  term: number,
  votedFor: null,
  commitIndex: 0,
  truncateFrom: null,
  entries: [],
  snapshot: null,
  base: null,
});

function owner() {
  const life = {
    isAlive: true,
    enter: (task: () => void) => {
      if (life.isAlive) task();
    },
  };
  return life;
}

async function made(seed: number) {
  const clock = new VirtualClock();
  const disk = new SimulatedDisk({ clock, random: new SeededRandom(seed) });
  const life = owner();
  const storage = new DiskHandle(disk, life);
  const settled = async <T>(promise: Promise<T>): Promise<T> => {
    promise.catch(() => undefined);
    while (clock.fireNext()) await drainMicrotasks();
    return promise;
  };
  await settled(storage.initialise(identity, base));
  return { clock, disk, life, storage, settled };
}

describe('a simulated disk', () => {
  it('holds nothing of a write before its time has passed', async () => {
    const { disk, storage, settled } = await made(1);
    const writing = storage.write(batch(1));
    expect(disk.durable?.term).toBe(0);
    await settled(writing);
    expect(disk.durable?.term).toBe(1);
  });

  it('keeps or loses the write that a crash interrupts, and both do happen', async () => {
    const found = new Set<number | undefined>();
    for (let seed = 0; seed < 20; seed += 1) {
      const { disk, life, storage, settled } = await made(seed);
      await settled(storage.write(batch(1)));
      storage.write(batch(2)).catch(() => undefined);
      life.isAlive = false;
      disk.crash();
      found.add(disk.durable?.term);
    }
    expect([...found].sort()).toEqual([1, 2]);
  });

  it.each<[FailedWrite, number, RegExp | null]>([
    ['lost', 1, null],
    ['kept', 2, null],
    ['torn', 1, /write 2 was torn/],
  ])('fails a write that is %s, and every one after it', async (leaving, term, warning) => {
    const { disk, life, storage, settled } = await made(3);
    await settled(storage.write(batch(1)));
    disk.failNextWrite(leaving);
    await expect(settled(storage.write(batch(2)))).rejects.toThrow(/Write 2 .* failed/);
    await expect(storage.write(batch(3))).rejects.toThrow(/Write 2 .* failed/);
    life.isAlive = false;
    disk.crash();
    const stored = await settled(new DiskHandle(disk, owner()).load(identity));
    expect(stored?.term).toBe(term);
    if (warning === null) expect(stored?.warnings).toEqual([]);
    else expect(stored?.warnings.join()).toMatch(warning);
  });

  it('forgets or tears chunks of a snapshot that was not complete', async () => {
    const { disk, life, storage, settled } = await made(4);
    await settled(storage.writeChunk('s', 0, Uint8Array.of(1, 2), false));
    life.isAlive = false;
    disk.crash();
    const next = new DiskHandle(disk, owner());
    await settled(next.load(identity));
    await expect(settled(next.openSnapshot('s'))).rejects.toThrow(/no complete snapshot s/);
  });

  it('belongs to one process at a time', async () => {
    const { disk, storage, settled } = await made(5);
    await expect(settled(new DiskHandle(disk, owner()).load(identity))).rejects.toThrow(/in use/);
    await settled(storage.close());
    expect(await settled(new DiskHandle(disk, owner()).load(identity))).not.toBeNull();
  });
});
