/** Runs a plan: a pure function of it, and of the machine it is run on. */
import { type SimulatedCluster, simulate } from '../cluster.ts';
import { NotReached, ServerFailed } from '../failed-run.ts';
import { SeededRandom } from '../random.ts';
import { PropertyViolation } from '../referee/violation.ts';
import { askingAnything } from './asks-anything.ts';
import { converge, settle } from './convergence.ts';
import { Counter, type Counts } from './counter.ts';
import { FaultInjector } from './fault-injector.ts';
import { faultyLink } from './faulty-link.ts';
import { BrokenGuarantee } from './guarantees.ts';
import type { Plan } from './plan.ts';
import { leavesMajority, type RunSettings } from './settings.ts';
import type { AnyRunContext, ConnectedClients, RunContext, Subject } from './subject.ts';

export interface RunReport {
  readonly kind: 'report';
  readonly seed: number;
  readonly counts: Counts;
  /** From the end of all faults until all servers agreed; null where liveness is not promised. */
  readonly convergedMs: number | null;
  /** The same for the same plan, anywhere. */
  readonly hash: string;
}

export interface Violation {
  readonly kind: 'violation';
  /** The name of the invariant or promise that was broken. */
  readonly name: string;
  /** With the last lines of the trace and the state table. */
  readonly message: string;
  readonly atMs: number;
}

const TRACE_LINES = 60;

/** @throws TypeError for a plan that leaves no majority to converge on. */
export async function runPlan<C, R, Q, A, Call>(
  plan: Plan<Call>,
  subject: Subject<C, R, Q, A, Call>,
): Promise<RunReport | Violation> {
  const { settings } = plan;
  if (!leavesMajority(settings)) {
    throw new TypeError(`a plan leaves a majority of its ${settings.servers} servers alive`);
  }
  const counter = new Counter();
  let isFaulty = true;
  const cluster = clusterOf(settings, subject, counter, () => isFaulty);
  const context: RunContext<C, R, Q, A> = {
    settings,
    cluster,
    counter,
    isFaulty: () => isFaulty,
  };
  const clients = subject.clients.connect(context);
  const faults = new FaultInjector(context);
  counter.onPersist = (id) => faults.onPersist(id);
  try {
    await carryOut(plan, cluster, clients, faults);
    isFaulty = false;
    await faults.end();
    // Convergence is checked only where liveness is promised.
    const convergedMs = settings.asksAnything
      ? await settle(context, clients)
      : await converge(context, clients);
    faults.requireHealthy();
    clients.check();
    const { counts } = counter;
    return { kind: 'report', seed: settings.seed, counts, convergedMs, hash: cluster.hash() };
  } catch (error) {
    return { kind: 'violation', ...violationOf(error, cluster), atMs: cluster.clock.now() };
  }
}

async function carryOut<C, R, Q, A, Call>(
  { settings, steps }: Plan<Call>,
  cluster: SimulatedCluster<C, R, Q, A>,
  clients: ConnectedClients<Call>,
  faults: FaultInjector,
): Promise<void> {
  for (const step of steps) {
    if (step.at >= settings.endMs) break;
    if (step.at > cluster.clock.now()) await cluster.run({ forMs: step.at - cluster.clock.now() });
    if (step.do === 'call') clients.call(step.call);
    else faults.inject(step);
  }
  await cluster.run({ forMs: Math.max(0, settings.endMs - cluster.clock.now()) });
}

function clusterOf<C, R, Q, A, Call>(
  settings: RunSettings,
  { stateMachine, machine, interpreter }: Subject<C, R, Q, A, Call>,
  counter: Counter,
  isFaulty: () => boolean,
): SimulatedCluster<C, R, Q, A> {
  const asking = new SeededRandom(`asks anything ${settings.seed}`);
  const run = settings.asksAnything ? askingAnything(asking, machine) : machine;
  return simulate<C, R, Q, A>({
    seed: settings.seed,
    servers: settings.servers,
    stateMachine,
    timing: {
      heartbeatIntervalMs: settings.heartbeatMs,
      electionTimeoutMinMs: settings.electionMinMs,
      electionTimeoutMaxMs: settings.electionMaxMs,
      lostLeaderWaitMaxMs: settings.lostLeaderWaitMs,
    },
    parameters: {
      snapshotAfterEntries: settings.snapshotAfter,
      trailingEntries: settings.trailing,
      chunkBytes: settings.chunkBytes,
      messagesInFlightMax: settings.messagesInFlight,
      entriesPerAppendMax: settings.entriesPerAppend,
    },
    link: (_from, _to, its) => faultyLink(settings, counter, isFaulty, its),
    disk: { writeMs: { minMs: 0.1, maxMs: settings.writeMs }, failure: settings.diskFailure },
    areCrashesNoticed: settings.areCrashesNoticed,
    // Servers that stay slow when the faults have ended need not catch up in time.
    turnMsMax: () => (isFaulty() ? settings.turnMs : 0),
    observer: counter.observer,
    traceLinesMax: TRACE_LINES,
    ...(run === undefined ? {} : { machine: run }),
    ...(interpreter && { interpreter }),
  });
}

function violationOf(
  error: unknown,
  cluster: Pick<AnyRunContext['cluster'], 'referee' | 'trace'>,
): Pick<Violation, 'name' | 'message'> {
  const report = () => `\n${cluster.referee.stateTable()}\n\nthe last lines:\n${cluster.trace()}`;
  if (error instanceof PropertyViolation) return { name: error.invariant, message: error.message };
  if (error instanceof ServerFailed) return { name: 'Server Failed', message: error.message };
  if (error instanceof NotReached) return { name: 'Convergence', message: error.message };
  if (error instanceof BrokenGuarantee) {
    return { name: error.guarantee, message: `${error.message}\n${report()}` };
  }
  throw error;
}
