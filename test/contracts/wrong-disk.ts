/** A simulated disk that can be wrong on purpose, each time in one way. */
import type { Clock } from '../../src/ports/clock.ts';
import type { Storage, Stored, WriteBatch } from '../../src/ports/storage.ts';
import { SimulatedDisk } from '../../src/simulation/disk.ts';
import { DiskHandle } from '../../src/simulation/disk-handle.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import type { StorageDisk } from '../../src/testing/storage-fixture.ts';
import { contentAfter, emptyContent } from '../../src/testing/storage-model.ts';

export type DiskFault =
  | 'none'
  | 'acknowledges before it syncs'
  | 'reorders'
  | 'loses a truncation'
  | 'forgets the vote'
  | 'serves anybody';

const hurried: Clock = {
  now: () => 0,
  setTimeout: (callback) => setImmediate(callback),
  clearTimeout: (immediate) => clearImmediate(immediate),
};

export function wrongDisk(fault: DiskFault): StorageDisk {
  const disk = new SimulatedDisk({ clock: hurried, random: new SeededRandom(1) });
  const written: WriteBatch[] = [];
  let life = { isAlive: true };
  return {
    open() {
      const own = { isAlive: true, enter: (task: () => void) => own.isAlive && task() };
      life = own;
      return faulty(new DiskHandle(disk, own), fault, written);
    },
    crash() {
      life.isAlive = false;
      disk.crash();
    },
  };
}

function faulty(storage: Storage, fault: DiskFault, written: WriteBatch[]): Storage {
  let last: Promise<void> = Promise.resolve();
  return {
    async load(identity) {
      const known = fault === 'serves anybody' ? { ...identity, serverId: 'a' } : identity;
      const stored = await storage.load(known);
      return stored && { ...stored, ...whatIsLeft(fault, written) };
    },
    initialise: (identity, base) => storage.initialise(identity, base),
    async write(batch) {
      if (fault === 'acknowledges before it syncs') {
        last = last.then(() => storage.write(batch)).catch(() => undefined);
        return;
      }
      await storage.write(batch);
      written.push(batch);
    },
    writeChunk: (...chunk) => storage.writeChunk(...chunk),
    openSnapshot: (id) => storage.openSnapshot(id),
    discardSnapshot: (id) => storage.discardSnapshot(id),
    async close() {
      await last;
      await storage.close();
    },
  };
}

/** What comes back instead of what was stored. */
function whatIsLeft(fault: DiskFault, written: readonly WriteBatch[]): Partial<Stored> {
  if (fault === 'forgets the vote') return { votedFor: null };
  if (fault !== 'reorders' && fault !== 'loses a truncation') return {};
  const [last, ...others] = [...written].reverse();
  const [before, ...earlier] = others;
  const replayed =
    fault === 'reorders' && last && before
      ? [...earlier.reverse(), last, before]
      : written.map((batch) => ({
          ...batch,
          truncateFrom:
            fault === 'reorders' || batch.entries.length > 0 ? batch.truncateFrom : null,
        }));
  return replayed.reduce(contentAfter, emptyContent());
}
