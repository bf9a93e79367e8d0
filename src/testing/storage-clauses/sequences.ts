/** Any sequence of operations, with a crash between any two of them, against the model. */
import { assert, assertAlike } from '../assertions.ts';
import { randomFrom } from '../contract.ts';
import type { StorageChecks, StorageFixture } from '../storage-fixture.ts';
import { baseAt, entriesOf, storedContentOf } from '../storage-model.ts';

const SEEDS = 25;
const STEPS = 40;

type Chance = (below: number) => number;

const steps: Readonly<Record<string, (fixture: StorageFixture, chance: Chance) => Promise<void>>> =
  {
    async append(fixture, chance) {
      const { term } = fixture.content;
      const terms = Array.from({ length: 1 + chance(4) }, () => Math.max(1, term)).join(' ');
      const entries = entriesOf(lastIndexOf(fixture) + 1, terms, `payload ${chance(1e9)} `);
      await fixture.write({ term: Math.max(1, term), entries });
    },
    async vote(fixture, chance) {
      await fixture.write({
        term: fixture.content.term + 1,
        votedFor: chance(2) === 0 ? 'a' : null,
      });
    },
    async commit(fixture) {
      await fixture.write({ commitIndex: lastIndexOf(fixture) });
    },
    async truncate(fixture, chance) {
      const { base, entries, commitIndex, term } = fixture.content;
      if (entries.length === 0) return;
      const truncateFrom = base.index + 1 + chance(entries.length);
      const replacement = chance(2) === 0 ? entriesOf(truncateFrom, `${term + 1}`, 'new') : [];
      const hint = Math.min(commitIndex, truncateFrom - 1);
      await fixture.write({
        term: term + 1,
        truncateFrom,
        entries: replacement,
        commitIndex: hint,
      });
    },
    async compact(fixture, chance) {
      const { entries } = fixture.content;
      const entry = entries[chance(entries.length)];
      if (entry === undefined) return;
      const base = baseAt(entry);
      const snapshot = await store(fixture, chance, base);
      const isTrailing = chance(2) === 0;
      await fixture.write(isTrailing ? { snapshot } : { snapshot, base });
    },
    async install(fixture, chance) {
      const index = lastIndexOf(fixture) + 1 + chance(5);
      const base = baseAt({ index, term: Math.max(1, fixture.content.term), time: index * 10 });
      const snapshot = await store(fixture, chance, base);
      const truncateFrom = chance(2) === 0 ? fixture.content.base.index + 1 : null;
      await fixture.write({ snapshot, base, truncateFrom, commitIndex: index });
    },
    async abandonChunks(fixture, chance) {
      await fixture.storage.writeChunk(
        `abandoned-${chance(3)}`,
        0,
        new Uint8Array(chance(3000)),
        false,
      );
    },
    async reopen(fixture) {
      const stored = await fixture.closeAndLoad();
      assertAlike(stored && storedContentOf(stored), fixture.content);
    },
    async crash(fixture) {
      const stored = await fixture.crashAndLoad();
      assertAlike(stored && storedContentOf(stored), fixture.content);
    },
  };

export const sequenceClauses: StorageChecks = Object.fromEntries(
  Array.from({ length: SEEDS }, (_, seed) => [
    `any sequence of operations and crashes is kept (seed ${seed})`,
    (fixture: StorageFixture) => checkSequence(fixture, seed),
  ]),
);

async function checkSequence(fixture: StorageFixture, seed: number): Promise<void> {
  const next = randomFrom(seed + 1);
  const chance = (below: number) => Math.floor(next() * below);
  const names = Object.keys(steps);
  const history: string[] = [];
  try {
    for (let step = 0; step < STEPS; step += 1) {
      const name = names[chance(names.length)] ?? '';
      history.push(name);
      await steps[name]?.(fixture, chance);
    }
    await fixture.expectKept();
    await expectSnapshotReadable(fixture);
  } catch (error) {
    throw withHistory(error, `seed ${seed}, after ${history.join(', ')}`);
  }
}

/** The error with the steps before it; an assertion that failed stays one for the test runner. */
function withHistory(error: unknown, before: string): Error {
  if (error instanceof assert.AssertionError) {
    return Object.assign(error, { message: `${before}: ${error.message}` });
  }
  return new Error(before, { cause: error });
}

async function store(fixture: StorageFixture, chance: Chance, base: ReturnType<typeof baseAt>) {
  const bytes = snapshotBytes(base.index);
  const id = `snapshot-${fixture.content.lastWriteId}-${base.index}`;
  return fixture.storeSnapshot(id, bytes, base, 100 + chance(2000));
}

async function expectSnapshotReadable(fixture: StorageFixture): Promise<void> {
  const { snapshot } = fixture.content;
  if (snapshot === null) return;
  assertAlike(await fixture.snapshotBytes(snapshot.id), snapshotBytes(snapshot.index));
}

function snapshotBytes(index: number): Uint8Array {
  return Uint8Array.from({ length: 500 + index * 7 }, (_, position) => (position + index) % 256);
}

function lastIndexOf({ content }: StorageFixture): number {
  return content.base.index + content.entries.length;
}
