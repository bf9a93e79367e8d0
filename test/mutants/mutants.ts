/** Every mutant: those of `mutants/`, and each must with the change that breaks it. */
import type { Must } from './must.ts';
import { sections } from './musts.ts';
import type { Mutant } from './mutant.ts';
import { commits, election, majorities } from './mutants/agreement.ts';
import { byAReader } from './mutants/by-a-reader.ts';
import { byAReaderOfLeaders } from './mutants/by-a-reader-of-leaders.ts';
import { conclusions } from './mutants/clients.ts';
import { guards } from './mutants/guards.ts';
import { interpreted } from './mutants/interpreter.ts';
import { clamps } from './mutants/progress.ts';
import { reads, sessionsInSnapshots } from './mutants/sessions-and-reads.ts';
import { received, restarted, taken } from './mutants/snapshots.ts';
import { strangers } from './mutants/strangers.ts';
import { restartedTimers } from './mutants/timers.ts';
import { droppedWrites, lateWrites } from './mutants/writes.ts';

export const mutants: readonly Mutant[] = [
  ...guards,
  ...majorities,
  ...election,
  ...commits,
  ...clamps,
  ...restartedTimers,
  ...droppedWrites,
  ...lateWrites,
  ...received,
  ...taken,
  ...restarted,
  ...sessionsInSnapshots,
  ...reads,
  ...conclusions,
  ...byAReader,
  ...byAReaderOfLeaders,
  ...strangers,
  ...interpreted,
];

/** A must is a mutant too: its sentence is its name. */
export const mustMutants: readonly Mutant[] = sections.flatMap(({ title, musts }) =>
  musts.map((must, place) => mutantOf(title, place, must)),
);

function mutantOf(title: string, place: number, must: Must): Mutant {
  const { must: rule, file, find, replace, test, name } = must;
  const killer = name === undefined ? { test } : { test, name };
  const id = `${slug(title)}-${place + 1}`;
  return { id, rule, section: title, change: { file, find, replace }, killer };
}

function slug(title: string): string {
  const [name = ''] = title.split(' (');
  return `must-${name.toLowerCase().replaceAll(/[^a-z]+/g, '-')}`;
}
