/** The course's key/value tests (MIT 6.824 of 2023, lab 3), by their names and in its order. */
import { CourseFailure, type CourseTest } from './course-test.ts';
import type { KeyValueOptions } from './key-value-lab.ts';
import {
  GENERIC,
  type GenericName,
  LAB_3,
  ONE_KEY,
  ONE_PARTITION,
  SNAPSHOT_RPC,
  SNAPSHOT_SIZE,
  SPEED,
} from './lab-3-bounds.ts';
import { runGeneric } from './lab-3-generic.ts';
import { runOnePartition, runUnreliableOneKey } from './lab-3-partition.ts';
import { runSnapshotRpc, runSnapshotSize } from './lab-3-snapshots.ts';
import { runSpeed } from './lab-3-speed.ts';

type Run = (seed: number, options?: KeyValueOptions) => Promise<void>;

export const lab3: readonly CourseTest[] = [
  generic('TestBasic3A'),
  lab3Test('TestSpeed3A', SPEED, (seed, options) => runSpeed(-1, seed, options)),
  generic('TestConcurrent3A'),
  generic('TestUnreliable3A'),
  lab3Test('TestUnreliableOneKey3A', ONE_KEY, runUnreliableOneKey),
  lab3Test('TestOnePartition3A', ONE_PARTITION, runOnePartition),
  generic('TestManyPartitionsOneClient3A'),
  generic('TestManyPartitionsManyClients3A'),
  generic('TestPersistOneClient3A'),
  generic('TestPersistConcurrent3A'),
  generic('TestPersistConcurrentUnreliable3A'),
  generic('TestPersistPartition3A'),
  generic('TestPersistPartitionUnreliable3A'),
  generic('TestPersistPartitionUnreliableLinearizable3A'),
  lab3Test('TestSnapshotRPC3B', SNAPSHOT_RPC, runSnapshotRpc),
  lab3Test('TestSnapshotSize3B', SNAPSHOT_SIZE, runSnapshotSize),
  lab3Test('TestSpeed3B', SPEED, (seed, options) => runSpeed(1_000, seed, options)),
  generic('TestSnapshotRecover3B'),
  generic('TestSnapshotRecoverManyClients3B'),
  generic('TestSnapshotUnreliable3B'),
  generic('TestSnapshotUnreliableRecover3B'),
  generic('TestSnapshotUnreliableRecoverConcurrentPartition3B'),
  generic('TestSnapshotUnreliableRecoverConcurrentPartitionLinearizable3B'),
];

function generic(name: GenericName): CourseTest {
  return lab3Test(name, GENERIC[name], (seed, options) => runGeneric(GENERIC[name], seed, options));
}

function lab3Test(name: string, own: object, run: Run): CourseTest {
  const numbers = Object.entries({ ...LAB_3, ...own }).map(([key, bound]) => [key, Number(bound)]);
  return {
    name,
    bounds: Object.fromEntries(numbers),
    async run(seed, options) {
      try {
        await run(seed, options);
      } catch (error) {
        if (!(error instanceof CourseFailure)) throw error;
        throw new CourseFailure(`${name} · seed ${seed}: ${error.message}`, { cause: error });
      }
    },
  };
}
