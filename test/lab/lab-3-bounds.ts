/**
 * The course's key/value tests (MIT 6.824 of 2023, lab 3) and their numbers, in one place.
 *
 * `beatMs` and `operationsMin` are ours. In virtual time an operation takes about three
 * milliseconds, where a real run of the course takes three to twenty and often has a heartbeat to
 * wait for; clerks that never rest would do tens of thousands of operations a test, which proves no
 * more and takes minutes. So all clerks of a test begin their next operation together, at a common
 * beat: what runs side by side in the course runs side by side here. `operationsMin` is about what
 * published runs of the course's own tests show for theirs; a run with fewer does not count.
 */

export const LAB_3 = {
  /** Of virtual time, for any test. */
  testMs: 120_000,
  electionTimeoutMs: 1_000,
  rounds: 3,
  roundMs: 5_000,
  shortRoundMs: 1_000,
  /** Partitions change after the election timeout and up to so much more. */
  partitionRandomMs: 200,
  /** Raft state, as a multiple of what makes a server take a snapshot. */
  raftStateFactor: 8,
  /** Chances of the clients: an append, else with random keys a put, else a get. */
  appendChance: 0.5,
  putChance: 0.1,
} as const;

export const SPEED = {
  servers: 3,
  operations: 1_000,
  /** Three operations in the time of a heartbeat of 100 ms. */
  operationMsMax: 100 / 3,
} as const;

export const ONE_KEY = { servers: 3, clients: 5, appends: 10 } as const;

export const ONE_PARTITION = {
  servers: 5,
  /** So long nothing may be completed in the minority. */
  minorityMs: 1_000,
  /** So long after the healing, and an election timeout, everything must be. */
  completionMs: 3_000,
} as const;

export const SNAPSHOT_RPC = { servers: 3, maxRaftState: 1_000, puts: 50 } as const;

export const SNAPSHOT_SIZE = {
  servers: 3,
  maxRaftState: 1_000,
  /** Of two puts and two gets each. */
  turns: 200,
  snapshotBytesMax: 500,
} as const;

/** One of the tests that differ in nothing but these. */
export interface GenericTest {
  readonly clients: number;
  readonly servers: number;
  readonly isUnreliable?: true;
  readonly crashes?: true;
  readonly partitions?: true;
  readonly hasRandomKeys?: true;
  /** −1: no snapshots. */
  readonly maxRaftState: number;
  readonly beatMs: number;
  /** In three rounds of full length. */
  readonly operationsMin: number;
}

const one = { clients: 1, servers: 5, beatMs: 5 } as const;
const many = { clients: 5, servers: 5, beatMs: 20 } as const;
const crowd = { clients: 20, servers: 5, beatMs: 40 } as const;
const manyKeys = { clients: 15, servers: 7, beatMs: 40, hasRandomKeys: true } as const;

const lossy = { isUnreliable: true } as const;
const crashing = { crashes: true } as const;
const cut = { partitions: true } as const;
const faulty = { ...lossy, ...crashing, ...cut } as const;

const A = { maxRaftState: -1 } as const;
const B = { maxRaftState: 1_000 } as const;

export const GENERIC = {
  TestBasic3A: { ...A, ...one, operationsMin: 903 },
  TestConcurrent3A: { ...A, ...many, operationsMin: 1_160 },
  TestUnreliable3A: { ...A, ...many, ...lossy, operationsMin: 441 },
  TestManyPartitionsOneClient3A: { ...A, ...one, ...cut, operationsMin: 765 },
  TestManyPartitionsManyClients3A: { ...A, ...many, ...cut, operationsMin: 974 },
  TestPersistOneClient3A: { ...A, ...one, ...crashing, operationsMin: 908 },
  TestPersistConcurrent3A: { ...A, ...many, ...crashing, operationsMin: 1_033 },
  TestPersistConcurrentUnreliable3A: {
    ...{ ...A, ...many, ...lossy, ...crashing },
    operationsMin: 474,
  },
  TestPersistPartition3A: { ...A, ...many, ...crashing, ...cut, operationsMin: 1_060 },
  TestPersistPartitionUnreliable3A: { ...A, ...many, ...faulty, operationsMin: 317 },
  TestPersistPartitionUnreliableLinearizable3A: {
    ...{ ...A, ...manyKeys, ...faulty },
    operationsMin: 746,
  },
  TestSnapshotRecover3B: { ...B, ...one, ...crashing, beatMs: 1, operationsMin: 3_000 },
  TestSnapshotRecoverManyClients3B: { ...B, ...crowd, ...crashing, operationsMin: 5_000 },
  TestSnapshotUnreliable3B: { ...B, ...many, ...lossy, operationsMin: 482 },
  TestSnapshotUnreliableRecover3B: {
    ...{ ...B, ...many, ...lossy, ...crashing },
    operationsMin: 471,
  },
  TestSnapshotUnreliableRecoverConcurrentPartition3B: {
    ...{ ...B, ...many, ...faulty },
    operationsMin: 274,
  },
  TestSnapshotUnreliableRecoverConcurrentPartitionLinearizable3B: {
    ...{ ...B, ...manyKeys, ...faulty },
    operationsMin: 681,
  },
} as const satisfies Readonly<Record<string, GenericTest>>;

export type GenericName = keyof typeof GENERIC;
