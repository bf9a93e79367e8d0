/** Any sequence of operations, with a crash between any two of them, against the model. */
import { assert, assertAlike } from '../assertions.ts';
import type { StorageClause } from '../storage-contract.ts';
import type { StorageFixture } from '../storage-fixture.ts';
import { baseAt, contentOf, entriesOf } from '../storage-model.ts';

const SEEDS = 25;
const STEPS = 40;

type Chance = (below: number) => number;

const steps: Readonly<Record<string, (bed: StorageFixture, chance: Chance) => Promise<void>>> = {
  async append(bed, chance) {
    const { term } = bed.content;
    const terms = Array.from({ length: 1 + chance(4) }, () => Math.max(1, term)).join(' ');
    const entries = entriesOf(lastIndexOf(bed) + 1, terms, `payload ${chance(1e9)} `);
    await bed.write({ term: Math.max(1, term), entries });
  },
  async vote(bed, chance) {
    await bed.write({ term: bed.content.term + 1, votedFor: chance(2) === 0 ? 'a' : null });
  },
  async commit(bed) {
    await bed.write({ commitIndex: lastIndexOf(bed) });
  },
  async truncate(bed, chance) {
    const { base, entries, commitIndex, term } = bed.content;
    if (entries.length === 0) return;
    const truncateFrom = base.index + 1 + chance(entries.length);
    const replacement = chance(2) === 0 ? entriesOf(truncateFrom, `${term + 1}`, 'new') : [];
    const hint = Math.min(commitIndex, truncateFrom - 1);
    await bed.write({ term: term + 1, truncateFrom, entries: replacement, commitIndex: hint });
  },
  async compact(bed, chance) {
    const { entries } = bed.content;
    const entry = entries[chance(entries.length)];
    if (entry === undefined) return;
    const base = baseAt(entry);
    const snapshot = await store(bed, chance, base);
    const isTrailing = chance(2) === 0;
    await bed.write(isTrailing ? { snapshot } : { snapshot, base });
  },
  async install(bed, chance) {
    const index = lastIndexOf(bed) + 1 + chance(5);
    const base = baseAt({ index, term: Math.max(1, bed.content.term), time: index * 10 });
    const snapshot = await store(bed, chance, base);
    const truncateFrom = chance(2) === 0 ? bed.content.base.index + 1 : null;
    await bed.write({ snapshot, base, truncateFrom, commitIndex: index });
  },
  async abandonChunks(bed, chance) {
    await bed.storage.writeChunk(`abandoned-${chance(3)}`, 0, new Uint8Array(chance(3000)), false);
  },
  async reopen(bed) {
    const stored = await bed.closeAndLoad();
    assertAlike(stored && contentOf(stored), bed.content);
  },
  async crash(bed) {
    const stored = await bed.crashAndLoad();
    assertAlike(stored && contentOf(stored), bed.content);
  },
};

export const sequenceClauses: readonly StorageClause[] = Array.from(
  { length: SEEDS },
  (_, seed) => ({
    name: `any sequence of operations and crashes is kept (seed ${seed})`,
    async check(bed: StorageFixture) {
      const chance = chanceOf(seed);
      const names = Object.keys(steps);
      const history: string[] = [];
      await bed.initialise();
      try {
        for (let step = 0; step < STEPS; step += 1) {
          const name = names[chance(names.length)] ?? '';
          history.push(name);
          await steps[name]?.(bed, chance);
        }
        await bed.expectKept();
        await expectSnapshotReadable(bed);
      } catch (error) {
        throw told(error, `seed ${seed}, after ${history.join(', ')}`);
      }
    },
  }),
);

/** What went before belongs to the failure; an assertion that failed stays one for the test runner. */
function told(error: unknown, before: string): Error {
  if (error instanceof assert.AssertionError) {
    return Object.assign(error, { message: `${before}: ${error.message}` });
  }
  return new Error(before, { cause: error });
}

async function store(bed: StorageFixture, chance: Chance, base: ReturnType<typeof baseAt>) {
  const bytes = snapshotBytes(base.index);
  const id = `snapshot-${bed.content.lastWriteId}-${base.index}`;
  return bed.storeSnapshot(id, bytes, base, 100 + chance(2000));
}

async function expectSnapshotReadable(bed: StorageFixture): Promise<void> {
  const { snapshot } = bed.content;
  if (snapshot === null) return;
  assertAlike(await bed.snapshotBytes(snapshot.id), snapshotBytes(snapshot.index));
}

function snapshotBytes(index: number): Uint8Array {
  return Uint8Array.from({ length: 500 + index * 7 }, (_, position) => (position + index) % 256);
}

function lastIndexOf({ content }: StorageFixture): number {
  return content.base.index + content.entries.length;
}

/** A small generator of its own, so that a seed means the same wherever the suite is run. */
function chanceOf(seed: number): Chance {
  let state = seed + 1;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return below === 0 ? 0 : Math.floor((state / 2 ** 32) * below);
  };
}
