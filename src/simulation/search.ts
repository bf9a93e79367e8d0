/**
 * The search: random histories of a cluster that runs your state machine, under random faults. What
 * breaks a promise is shrunk to a script of a few lines, which `replay` runs again.
 */
import type { ServerMachine } from '../../machines/server.ts';
import type { InterpreterName } from '../interpreter/interpreter.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import { callLanguage } from './search/call-text.ts';
import { type Counts, sumOf } from './search/counter.ts';
import { DirectClients, type ModelOf } from './search/direct-clients.ts';
import {
  type Failure,
  type FailureKind,
  Failures,
  isFailure,
  SeedSearch,
} from './search/failure.ts';
import type { FaultKind } from './search/plan.ts';
import { runPlan } from './search/run.ts';
import { parsePlan } from './search/script.ts';
import type { RunSettings } from './search/settings.ts';
import type { Subject } from './search/subject.ts';
import { drawWorkload, type Workload, type WorkloadCall } from './search/workload.ts';

/** What is searched: a state machine and what is asked of it. */
export interface SearchSubject<C, R, Q, A, State> {
  /** As for `simulate`: a new one for each start of a server. */
  readonly stateMachine: () => StateMachine<C, R, Q, A>;
  readonly workload: Workload<NoInfer<C>, NoInfer<Q>>;
  /**
   * One copy of the data. With it, what clients were told must be linearizable; without it, servers
   * must agree, converge and answer, and no invariant may fall.
   */
  readonly model?: ModelOf<NoInfer<C>, NoInfer<R>, NoInfer<Q>, NoInfer<A>, State>;
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine;
  /** What runs the machines: a history is the same with both. Default: `compiled`. */
  readonly interpreter?: InterpreterName;
}

/** What is searched, in how many runs, and what may go wrong in them. */
export interface SearchOptions<C, R, Q, A, State> extends SearchSubject<C, R, Q, A, State> {
  /** How many. Default 100: some seconds for a small state machine. */
  readonly seeds?: number;
  /** The first of them; the others follow it. Default 1. */
  readonly firstSeed?: number;
  /** The steps that may happen, beside calls. Default: all. */
  readonly faults?: readonly FaultKind[];
  /** What is not left to chance, e.g. `{ servers: 5, loss: 0 }`. */
  readonly settings?: Partial<Omit<RunSettings, 'seed'>>;
  /** Whether the first failure ends it. Default false: it goes on, and counts each kind. */
  readonly stopsAtFirst?: boolean;
  /** How often a failure is run again to shorten it. Default 1,000: some seconds. */
  readonly shrinkRunsMax?: number;
  /** Told after every seed. */
  readonly onProgress?: (progress: SearchProgress) => void;
  /** Ends it: the report then has what was found until then. */
  readonly signal?: AbortSignal;
}

/** How far a search has come, and what it has found by then. */
export interface SearchProgress {
  /** Seeds that were tried. */
  readonly tried: number;
  readonly seeds: number;
  /** What happened in them, by name: a search in which nothing happens proves nothing. */
  readonly counts: Counts;
  /** One failure of each kind, with how many there were; the most frequent first. */
  readonly failures: readonly FailureKind[];
}

/** What a search has found, whether it came to its end or was ended. */
export interface SearchReport extends SearchProgress {
  /** Whether `signal` ended it before every seed was tried. */
  readonly isAborted: boolean;
}

/**
 * Searches, a seed after the other.
 *
 * @throws TypeError for commands or queries that cannot be written into a script.
 * @example
 * const { failures } = await search({
 *   stateMachine: inventory,
 *   workload: { command: (next) => ({ type: 'take', amount: 1 + Math.floor(next() * 3) }) },
 *   seeds: 500,
 * });
 * for (const { message } of failures) console.error(message);
 */
export async function search<C, R, Q, A, State = unknown>(
  options: SearchOptions<C, R, Q, A, State>,
): Promise<SearchReport> {
  const { seeds = 100, firstSeed = 1, shrinkRunsMax: runsMax = 1_000 } = options;
  const { signal, stopsAtFirst, onProgress } = options;
  requireCount('seeds', seeds, 1);
  requireCount('firstSeed', firstSeed, 0);
  requireCount('shrinkRunsMax', runsMax, 0);
  const search = new SeedSearch(subjectOf(options), { runsMax, signal });
  const failures = new Failures();
  let counts = sumOf([]);
  let tried = 0;
  const progress = () => ({ tried, seeds, counts, failures: failures.kinds });
  while (tried < seeds && !signal?.aborted) {
    const result = await search.search(firstSeed + tried);
    tried += 1;
    if (isFailure(result)) failures.add(result);
    else counts = sumOf([counts, result.counts]);
    onProgress?.(progress());
    if (stopsAtFirst && isFailure(result)) break;
  }
  return { ...progress(), isAborted: signal?.aborted === true && tried < seeds };
}

/**
 * Runs a script that a search has found, or one written by hand.
 *
 * @returns the promise that was broken, or null when none was
 * @throws TypeError that names the line it does not understand
 */
export async function replay<C, R, Q, A, State = unknown>(
  script: string,
  subject: SearchSubject<C, R, Q, A, State>,
): Promise<Pick<Failure, 'violation' | 'message'> | null> {
  const searched = subjectOf(subject);
  const result = await runPlan(parsePlan(script, searched.clients), searched);
  if (result.kind === 'report') return null;
  const { name, message } = result;
  return { violation: name, message: `${name}\n\n${message}` };
}

function subjectOf<C, R, Q, A, State>(
  options: SearchSubject<C, R, Q, A, State> &
    Pick<SearchOptions<C, R, Q, A, State>, 'faults' | 'settings'>,
): Subject<C, R, Q, A, WorkloadCall<C, Q>> {
  const { stateMachine, workload, model, machine, interpreter, faults, settings } = options;
  return {
    stateMachine,
    clients: {
      draw: (settings, random) => drawWorkload(workload, settings, random),
      ...callLanguage<C, Q>(stateMachine().commands),
      connect: (context) => new DirectClients(context, workload, model),
    },
    ...(machine && { machine }),
    ...(interpreter && { interpreter }),
    ...(faults && { faults }),
    ...(settings && { settings }),
  };
}

function requireCount(name: string, value: number, min: number): void {
  if (Number.isSafeInteger(value) && value >= min) return;
  throw new TypeError(`${name} is a whole number from ${min} on, not ${value}`);
}
