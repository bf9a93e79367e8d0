/** When a server that has nothing to do asks V8 to collect: rarely, and only where it is worth it. */
import { expect, test } from 'vitest';
import { collect, IdleMemory, type MemoryUse } from '../../src/cli/memory-at-rest.ts';

const MEBIBYTE = 1024 * 1024;
const use = (mebibytes: number, heap = 20): MemoryUse => ({
  arrayBuffers: mebibytes * MEBIBYTE,
  heapUsed: heap * MEBIBYTE,
});

/** What is seen, look by look, and at which of them a collection is due; it leaves `left`. */
function dueAt(looks: readonly MemoryUse[], left = use(5)): number[] {
  const rest = new IdleMemory();
  return looks.flatMap((seen, place) => {
    if (!rest.isCollectionDue(seen)) return [];
    rest.collected(left);
    return [place];
  });
}

test.each<[string, readonly MemoryUse[], readonly number[]]>([
  ['never while little is held', Array(9).fill(use(5)), []],
  ['never for what was held from the start', Array(9).fill(use(200)), []],
  [
    'once what a burst left has not changed for a while',
    [use(5), ...Array(6).fill(use(90)), use(5)],
    [6],
  ],
  ['not while buffers come and go', [5, 90, 60, 95, 70, 99, 60].map((each) => use(each)), []],
  [
    'again after the next burst',
    [use(5), ...Array(6).fill(use(90)), ...Array(6).fill(use(80))],
    [6, 12],
  ],
  [
    'not where the heap is so large that it takes long',
    [use(5, 200), ...Array(9).fill(use(90, 200))],
    [],
  ],
])('a collection is due %s', (_, looks, places) => {
  expect(dueAt(looks)).toEqual(places);
});

test('what a collection could not free is left alone', () => {
  expect(dueAt([use(5), ...Array(20).fill(use(90))], use(90))).toEqual([6]);
});

test('a collection frees what nobody holds', async () => {
  const made = () => new WeakRef(new Uint8Array(MEBIBYTE));
  const garbage = made();
  await collect();
  expect(garbage.deref()).toBeUndefined();
});
