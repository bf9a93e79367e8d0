/**
 * Examines mutants: each with its killer, and every killer once more with nothing changed, which is
 * the control. A killer that fails on its own has killed nobody.
 */
import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { Tier } from '../../tiers/times.ts';
import type { Change, Mutant } from '../mutant.ts';
import type { Outcome } from './job.ts';
import { Workers } from './workers.ts';

const root = join(import.meta.dirname, '../../..');
const TIMEOUT_MS = 60_000;

export interface Kill {
  readonly test: string;
  readonly title: string;
  readonly message: string;
}

export type Verdict = { readonly kill: Kill } | { readonly failure: string };

/** By the mutants' ids, in their order. */
export type Verdicts = ReadonlyMap<string, Verdict>;

export interface ExaminationOptions {
  readonly mutants: readonly Mutant[];
  /** The title of the one test to run, where it is known. */
  readonly titleOf?: (mutant: Mutant) => string | undefined;
  readonly onVerdict?: (mutant: Mutant, verdict: Verdict) => void;
  /** As which tier the killers run. */
  readonly tier?: Tier;
}

export async function examineMutants(options: ExaminationOptions): Promise<Verdicts> {
  const workers = openWorkers(TIMEOUT_MS, options.tier);
  try {
    const controls = new Map<string, Promise<Outcome>>();
    const control = ({ test, title }: Kill) => {
      const key = `${test} ${title}`;
      const known = controls.get(key) ?? workers.run({ change: null, test, name: title });
      controls.set(key, known);
      return known;
    };
    const judged = options.mutants.map(async (mutant) => {
      const verdict = await judge(workers, mutant, options.titleOf?.(mutant));
      const sure =
        'kill' in verdict ? confirmed(verdict.kill, await control(verdict.kill)) : verdict;
      options.onVerdict?.(mutant, sure);
      return [mutant.id, sure] as const;
    });
    return new Map(await Promise.all(judged));
  } finally {
    workers.close();
  }
}

export function openWorkers(timeoutMs: number, tier: Tier = 'full'): Workers {
  return new Workers({ count: Math.min(2, availableParallelism()), timeoutMs, tier });
}

async function judge(workers: Workers, mutant: Mutant, title?: string): Promise<Verdict> {
  const { change, killer } = mutant;
  const misplaced = misplacement(change);
  if (misplaced !== null) return { failure: misplaced };
  const name = title ?? killer.name ?? null;
  const outcome = await workers.run({ change, test: killer.test, name });
  if (outcome.verdict === 'killed') {
    return { kill: { test: killer.test, title: outcome.title, message: outcome.message } };
  }
  return { failure: told(outcome) };
}

function confirmed(kill: Kill, control: Outcome): Verdict {
  if (control.verdict === 'survived') return { kill };
  return { failure: `"${kill.title}" fails with nothing changed: ${control.message}` };
}

export function told(outcome: Outcome): string {
  switch (outcome.verdict) {
    case 'killed':
      return `killed by "${outcome.title}": ${outcome.message}`;
    case 'survived':
      return `survived ${outcome.tests} tests`;
    case 'accident':
      return `no assertion failed: ${outcome.message}`;
  }
}

/** Why the change cannot be made, or null. */
export function misplacement({ file, find }: Change): string | null {
  const places = readFileSync(join(root, file), 'utf8').split(find).length - 1;
  return places === 1 ? null : `"${find}" occurs ${places} times in ${file}, not once`;
}
