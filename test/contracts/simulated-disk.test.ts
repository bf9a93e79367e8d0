/** The storage contract, kept by the simulated disk; its time passes by itself here. */
import { describe, it } from 'vitest';
import type { Clock } from '../../src/ports/clock.ts';
import { SimulatedDisk } from '../../src/simulation/disk.ts';
import { DiskHandle } from '../../src/simulation/disk-handle.ts';
import { SeededRandom } from '../../src/simulation/random.ts';
import { storageContract } from '../../src/testing/storage-contract.ts';

const hurried: Clock = {
  now: () => 0,
  setTimeout: (callback) => setImmediate(callback),
  clearTimeout: (immediate) => clearImmediate(immediate),
};

for (const seed of [1, 2, 3]) {
  storageContract({ describe, it }, `a simulated disk, seed ${seed}`, () => {
    const disk = new SimulatedDisk({ clock: hurried, random: new SeededRandom(seed) });
    let isAlive = { value: true };
    const open = () => {
      const life = { value: true };
      isAlive = life;
      return new DiskHandle(disk, {
        get isAlive() {
          return life.value;
        },
        enter: (task) => {
          if (life.value) task();
        },
      });
    };
    const crash = () => {
      isAlive.value = false;
      disk.crash();
    };
    return { open, crash };
  });
}
