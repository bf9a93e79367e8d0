/** What a search is about: a state machine, and the clients that use it. */
import type { ServerMachine } from '../../../machines/server.ts';
import type { InterpreterName } from '../../interpreter/interpreter.ts';
import type { StateMachine } from '../../ports/state-machine.ts';
import type { SimulatedCluster } from '../cluster.ts';
import type { SeededRandom } from '../random.ts';
import type { Counter } from './counter.ts';
import type { FaultKind } from './plan.ts';
import type { RunSettings } from './settings.ts';

export interface Subject<C, R, Q, A, Call> {
  readonly stateMachine: () => StateMachine<C, R, Q, A>;
  readonly clients: Clients<C, R, Q, A, Call>;
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine;
  /** What runs the machines: a history is the same with both. Default: `compiled`. */
  readonly interpreter?: InterpreterName;
  /** What may happen. Default: everything. */
  readonly faults?: readonly FaultKind[];
  /** What is not left to chance. */
  readonly settings?: Partial<Omit<RunSettings, 'seed'>>;
}

/** How calls are drawn, written down and made. */
export interface Clients<C, R, Q, A, Call> {
  draw(settings: RunSettings, random: SeededRandom): readonly CallAt<Call>[];
  /**
   * One line that begins with a word that no setting and no fault has as its name.
   * @throws TypeError for a call that cannot be written down
   */
  print(call: Call): string;
  /** What `print` gave. @throws TypeError that says what is wrong */
  parse(line: string): Call;
  connect(context: RunContext<C, R, Q, A>): ConnectedClients<Call>;
}

export interface CallAt<Call> {
  readonly at: number;
  readonly call: Call;
}

/** The clients of one history. */
export interface ConnectedClients<Call> {
  /** Makes the call; what becomes of it is in the history that `check` looks at. */
  call(call: Call): void;
  /** Calls that have not settled. */
  readonly open: number;
  /** What is asked once everything has healed: each resolves with whether it was answered. */
  lastCalls(): readonly Promise<boolean>[];
  /** @throws BrokenGuarantee when their answers cannot be explained */
  check(): void;
}

/** What the parts of a searched history share while it runs. */
export interface RunContext<C, R, Q, A> {
  readonly settings: RunSettings;
  readonly cluster: SimulatedCluster<C, R, Q, A>;
  readonly counter: Counter;
  /** Whether the faults still go on. */
  readonly isFaulty: () => boolean;
}

// biome-ignore lint/suspicious/noExplicitAny: of state machines of any kind.
export type AnyRunContext = RunContext<any, any, any, any>;
