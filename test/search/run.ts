/** Runs a plan: a pure function of it, and of the machine it is run on. */

import type { ServerMachine } from '../../machines/server.ts';
import { keyValue } from '../../src/kv/index.ts';
import {
  checkLinearizable,
  NotReached,
  PropertyViolation,
  SeededRandom,
  ServerFailed,
  simulate,
} from '../../src/simulation/index.ts';
import { askingAnything } from './asks-anything.ts';
import { BrokenPromise } from './broken-promise.ts';
import { Clients } from './clients.ts';
import { converge, settle } from './convergence.ts';
import { Counter, type Counts } from './counts.ts';
import { Faults } from './faults.ts';
import { faultyLink } from './link.ts';
import { keyValueModel } from './model.ts';
import { isCall, leavesMajority, type Plan, type World } from './plan.ts';
import type { Cluster, Surroundings } from './surroundings.ts';

export interface SearchReport {
  readonly kind: 'report';
  readonly seed: number;
  readonly counts: Counts;
  /** From the end of all faults until everybody agreed; null where nobody promised it. */
  readonly convergedMs: number | null;
  /** The same for the same plan, anywhere. */
  readonly hash: string;
}

export interface Violation {
  readonly kind: 'violation';
  /** What fell: an invariant's name, or the promise that was not kept. */
  readonly name: string;
  /** With the last lines of the trace and the state table. */
  readonly message: string;
  readonly atMs: number;
}

const TRACE_LINES = 60;
const OPERATIONS_TRIED_MAX = 2_000_000;

/** @throws TypeError for a plan that leaves no majority to converge on. */
export async function run(plan: Plan, machine?: ServerMachine): Promise<SearchReport | Violation> {
  const { world } = plan;
  if (!leavesMajority(world)) {
    throw new TypeError(`a plan leaves a majority of its ${world.servers} servers alive`);
  }
  const counter = new Counter();
  let isFaulty = true;
  const cluster = clusterOf(world, counter, () => isFaulty, machine);
  const surroundings: Surroundings = { cluster, counter, isFaulty: () => isFaulty };
  const clients = new Clients(world, surroundings);
  const faults = new Faults(world, surroundings);
  counter.onPersist = (id) => faults.notePersist(id);
  try {
    await goThrough(plan, cluster, clients, faults);
    isFaulty = false;
    await faults.end();
    const convergedMs = await end(world, surroundings, clients);
    faults.requireSound();
    if (clients.bug !== null) throw new BrokenPromise('Client Failed', clients.bug.message);
    checkHistory(clients);
    const { counts } = counter;
    return { kind: 'report', seed: world.seed, counts, convergedMs, hash: cluster.hash() };
  } catch (error) {
    return { kind: 'violation', ...told(error, cluster), atMs: cluster.clock.now() };
  }
}

async function goThrough(
  { world, steps }: Plan,
  cluster: Cluster,
  clients: Clients,
  faults: Faults,
): Promise<void> {
  for (const step of steps) {
    if (step.at >= world.endMs) break;
    if (step.at > cluster.clock.now()) await cluster.run({ forMs: step.at - cluster.clock.now() });
    if (isCall(step)) void clients.call(step);
    else faults.happen(step);
  }
  await cluster.run({ forMs: Math.max(0, world.endMs - cluster.clock.now()) });
}

/** To the end of every call; where nobody promised liveness, as far as one gets. */
async function end(
  world: World,
  surroundings: Surroundings,
  clients: Clients,
): Promise<number | null> {
  if (!world.asksAnything) return converge(world, surroundings, clients);
  await settle(world, surroundings, clients);
  return null;
}

function checkHistory({ history, revisions }: Clients): void {
  const [contradiction] = revisions.contradictions;
  if (contradiction !== undefined) throw new BrokenPromise('Exactly Once', contradiction);
  const { verdict, text } = checkLinearizable(history, keyValueModel(revisions), {
    stepsMax: OPERATIONS_TRIED_MAX,
  });
  if (verdict === 'violation') throw new BrokenPromise('Linearizability', text);
  if (verdict === 'not finished') throw new BrokenPromise('Linearizability not finished', text);
}

function clusterOf(
  world: World,
  counter: Counter,
  isFaulty: () => boolean,
  machine: ServerMachine | undefined,
): Cluster {
  const asking = new SeededRandom(`asks anything ${world.seed}`);
  const run = world.asksAnything ? askingAnything(asking, machine) : machine;
  return simulate({
    seed: world.seed,
    servers: world.servers,
    stateMachine: keyValue,
    timing: {
      heartbeatIntervalMs: world.heartbeatMs,
      electionTimeoutMinMs: world.electionMinMs,
      electionTimeoutMaxMs: world.electionMaxMs,
      lostLeaderWaitMaxMs: world.lostLeaderWaitMs,
    },
    parameters: {
      snapshotAfterEntries: world.snapshotAfter,
      trailingEntries: world.trailing,
      chunkBytes: world.chunkBytes,
      messagesInFlightMax: world.messagesInFlight,
      entriesPerAppendMax: world.entriesPerAppend,
    },
    link: (_from, _to, its) => (source) => source.pipe(faultyLink(world, counter, isFaulty, its)),
    disk: { writeMs: { minMs: 0.1, maxMs: world.writeMs }, failure: world.diskFailure },
    areCrashesNoticed: world.areCrashesNoticed,
    observer: counter.observer,
    traceLinesMax: TRACE_LINES,
    ...(run === undefined ? {} : { machine: run }),
  });
}

function told(error: unknown, cluster: Cluster): Pick<Violation, 'name' | 'message'> {
  const story = () => `\n${cluster.referee.stateTable()}\n\nthe last lines:\n${cluster.trace()}`;
  if (error instanceof PropertyViolation) return { name: error.invariant, message: error.message };
  if (error instanceof ServerFailed) return { name: 'Server Failed', message: error.message };
  if (error instanceof NotReached) return { name: 'Convergence', message: error.message };
  if (error instanceof BrokenPromise) {
    return { name: error.promise, message: `${error.message}\n${story()}` };
  }
  throw error;
}
