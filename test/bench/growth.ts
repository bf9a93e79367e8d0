/** (f) A million entries, snapshots on: the last tenth costs what the first did. */
import { coreCluster } from './core.ts';
import { print } from './figures.ts';

const ENTRIES = 1_000_000;
const OUTSTANDING = 256;
const TENTHS = 10;

const collect = (globalThis as { gc?: () => void }).gc ?? (() => undefined);

export async function benchGrowth(): Promise<void> {
  const { leader, stop } = await coreCluster();
  const command = new Uint8Array(256);
  const tenths: { micros: number; heap: number }[] = [];
  for (let tenth = 0; tenth < TENTHS; tenth += 1) {
    let left = ENTRIES / TENTHS;
    const startedAt = performance.now();
    await Promise.all(
      Array.from({ length: OUTSTANDING }, async () => {
        while (left > 0) {
          left -= 1;
          const { outcome } = await leader.propose(command);
          if (outcome !== 'applied') throw new Error(`a proposal ended ${outcome}`);
        }
      }),
    );
    const micros = ((performance.now() - startedAt) * 1_000) / (ENTRIES / TENTHS);
    collect();
    tenths.push({ micros, heap: process.memoryUsage().heapUsed / 2 ** 20 });
  }
  const { snapshotIndex } = leader.status();
  if (snapshotIndex === 0) throw new Error('a million entries, and no snapshot was taken');
  await stop();
  const [first, last] = [tenths[0], tenths.at(-1)];
  if (first === undefined || last === undefined) return;
  print({ what: 'an entry in the first tenth of a million', unit: 'µs', values: [first.micros] });
  print({
    what: 'an entry in the last tenth',
    unit: 'µs',
    values: [last.micros],
    note: `ratio ${(last.micros / first.micros).toFixed(2)}`,
  });
  print({ what: 'heap after the first tenth', unit: 'MiB', values: [first.heap] });
  print({
    what: 'heap after the last tenth',
    unit: 'MiB',
    values: [last.heap],
    note: `ratio ${(last.heap / first.heap).toFixed(2)}`,
  });
}
