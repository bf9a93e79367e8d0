/**
 * Paths through a machine, for tests that walk them: every state that the given events reach, each
 * by a shortest way. Delays are events too (`xstate.after…`), so time is walked like anything else.
 */
import type { AnyMachineSnapshot, AnyStateMachine, EventFromLogic, SnapshotFrom } from 'xstate';
import { getShortestPaths, type StatePath } from 'xstate/graph';

export interface PathOptions<Machine extends AnyStateMachine> {
  readonly machine: Machine;
  /** The input that the machine starts from. */
  readonly input?: unknown;
  /** The alphabet: what may happen in a state. */
  readonly events: (snapshot: SnapshotFrom<Machine>) => readonly EventFromLogic<Machine>[];
  /**
   * When two states count as the same: the context abstracted to what the test is about. Default:
   * the state value alone.
   */
  readonly stateKey?: (snapshot: SnapshotFrom<Machine>) => string;
  /** Where not to go on. */
  readonly stopWhen?: (snapshot: SnapshotFrom<Machine>) => boolean;
  /** Transitions tried at most. Default 10,000. */
  readonly limit?: number;
}

/**
 * One shortest path to every state that can be told apart.
 * @throws Error when the limit is reached: the alphabet or the state key is too rich.
 * @example
 * for (const path of paths({ machine: sessionMachine, input, events: () => alphabet })) walk(path);
 */
export function paths<Machine extends AnyStateMachine>({
  machine,
  input,
  events,
  stateKey = (snapshot) => JSON.stringify((snapshot as AnyMachineSnapshot).value),
  stopWhen,
  limit = 10_000,
}: PathOptions<Machine>): StatePath<SnapshotFrom<Machine>, EventFromLogic<Machine>>[] {
  const options = { input, events, serializeState: stateKey, limit };
  const walked = getShortestPaths(
    machine,
    (stopWhen === undefined ? options : { ...options, stopWhen }) as never,
  );
  return walked as unknown as StatePath<SnapshotFrom<Machine>, EventFromLogic<Machine>>[];
}
