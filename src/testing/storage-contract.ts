/**
 * The conformance suite of the Storage port: every implementation runs it, ours and yours.
 *
 * @example
 * import { describe, it } from 'node:test';
 *
 * storageContract({ describe, it }, 'my storage', () => myDisk());
 */
import { register, type TestRunner } from './contract.ts';
import { durabilityClauses } from './storage-clauses/durability.ts';
import { identityClauses } from './storage-clauses/identity.ts';
import { sequenceClauses } from './storage-clauses/sequences.ts';
import { snapshotClauses } from './storage-clauses/snapshots.ts';
import { type MakeStorageDisk, StorageFixture } from './storage-fixture.ts';

export type { MakeStorageDisk, StorageDisk } from './storage-fixture.ts';

/** One promise of the port. */
export interface StorageClause {
  readonly name: string;
  /** Rejects when the promise is not kept. */
  check(fixture: StorageFixture): Promise<void>;
}

/** What every storage promises, a test each, for a runner of your own. */
export const storageClauses: readonly StorageClause[] = [
  ...Object.entries(identityClauses).map(([name, check]) => ({ name, check })),
  ...Object.entries({ ...durabilityClauses, ...snapshotClauses, ...sequenceClauses }).map(
    ([name, check]) => ({
      name,
      async check(fixture: StorageFixture) {
        await fixture.initialise();
        await check(fixture);
      },
    }),
  ),
];

/** Registers a test for every clause; `makeDisk` gives each an empty disk of its own. */
export function storageContract(runner: TestRunner, name: string, makeDisk: MakeStorageDisk): void {
  const clauses = storageClauses.map((clause) => ({
    name: clause.name,
    check: () => checkStorageClause(clause, makeDisk),
  }));
  register(runner, `the storage contract: ${name}`, clauses);
}

/** Checks one clause. @throws when the storage does not keep it. */
export async function checkStorageClause(
  { check }: StorageClause,
  makeDisk: MakeStorageDisk,
): Promise<void> {
  const fixture = new StorageFixture(await makeDisk());
  try {
    await check(fixture);
  } finally {
    await fixture.dispose();
  }
}
