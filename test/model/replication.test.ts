/** Every step of the replication machine is walked, and what must be true of each (§5.3, §7). */
import { expect, test } from 'vitest';
import { replicationMachine } from '#machines/replication';
import type { Progress } from '#rules/progress';
import { modelOf, replicationInput, replicationPaths } from './replication-walk.ts';
import { Coverage } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('replication', replicationMachine);

test('the running actor is its model, step by step', () => {
  walk<Progress>({
    machine: modelOf(replicationMachine),
    running: replicationMachine,
    input: replicationInput,
    paths: replicationPaths(),
    coverage,
  });
});

test('every transition of a replication actor is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});
