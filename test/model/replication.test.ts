/** Every step of the replication machine is walked, and what must be true of each (§5.3, §7). */
import { expect, test } from 'vitest';
import { replicationMachine } from '../../machines/replication.ts';
import type { Progress } from '../../machines/rules/progress.ts';
import { withoutTransition, withTransition } from './changed.ts';
import { checkReplication } from './check-replication.ts';
import { modelOf, replicationInput, replicationPaths } from './replication-walk.ts';
import { Coverage, transitionsOf } from './transitions.ts';
import { walk } from './walk.ts';

const coverage = new Coverage('replication', replicationMachine);

test('the running actor is its model, step by step', () => {
  walk<Progress>({
    machine: modelOf(replicationMachine),
    running: replicationMachine,
    input: replicationInput,
    paths: replicationPaths(),
    check: checkReplication,
    coverage,
  });
});

test('every transition of a replication actor is taken by some path', () => {
  expect(coverage.untaken, coverage.report()).toEqual([]);
});

test('one transition more, and no path takes it', () => {
  const changed = withTransition(replicationMachine, 'never.heard') as typeof replicationMachine;
  const seen = new Coverage('replication', changed);
  walk<Progress>({
    machine: modelOf(changed),
    running: changed,
    input: replicationInput,
    paths: replicationPaths(changed),
    coverage: seen,
  });
  expect(seen.untaken).toEqual(['replication · never.heard']);
});

test.each(transitionsOf(replicationMachine))(
  'without %s the path that takes it shows it',
  (name) => {
    const walking = () =>
      walk<Progress>({
        machine: modelOf(replicationMachine),
        running: withoutTransition(replicationMachine, name),
        input: replicationInput,
        paths: [coverage.firstPaths.get(name)?.events ?? []],
      });
    expect(walking).toThrow(/is not the model’s|jumps over a deadline/);
  },
);
