/**
 * Steps, worked out once (SCXML, `microstep`): which transitions are taken from a configuration decides
 * which states are left and entered, which actions run in which order, and what is active then.
 */
import { type AnyEventObject, type AnyStateNode, spawnChild, stopChild } from 'xstate';
import { actionOf, type CompiledAction } from './actions.ts';
import {
  entrySet,
  exitSet,
  isAtomic,
  isBelow,
  isCompleted,
  withoutConflicts,
} from './entry-and-exit.ts';
import type { ActiveNodes, Deferred, RunningMacrostep } from './macrostep.ts';
import type { RecalledStates, Transition } from './xstate-internals.ts';

/** A final state that is entered: which states that completes, and whether the machine is done. */
interface Completion {
  readonly done: readonly { readonly id: string; readonly output: unknown }[];
  /** The outermost of them, when the machine is done. */
  readonly last: AnyStateNode | null;
}

/** Actions in a row, of states that invoke these actors, and then maybe a final state. */
interface Block {
  readonly actions: readonly CompiledAction[];
  readonly invoked: readonly string[];
  readonly completion: Completion | null;
}

export interface Step<Active extends ActiveNodes> {
  /** As XState reports them: those on an event before conflicts are resolved, and others after. */
  readonly transitions: readonly Transition[];
  readonly blocks: readonly Block[];
  /** What is recalled from then on; null when nothing changes. */
  readonly recalled: RecalledStates | null;
  /** Null when the same states are active afterwards. */
  readonly next: Active | null;
}

/** The step from these states; `find` knows the configuration of the states that are active then. */
export function stepOf<Active extends ActiveNodes>(
  active: Active,
  transitions: readonly Transition[],
  history: RecalledStates,
  find: (nodes: readonly AnyStateNode[]) => Active,
): Step<Active> {
  const nodes = new Set(active.nodes);
  const taken = withoutConflicts(transitions, nodes, history);
  const left = exitSet(taken, nodes, history);
  const recalled = recalledOf(left, nodes);
  const actions = left.flatMap((node) => [
    ...node.exit,
    ...node.invoke.map(({ id }) => stopChild(id)),
  ]);
  for (const node of left) nodes.delete(node);
  actions.push(...taken.flatMap((transition) => transition.actions));
  const { machine } = active.nodes[0] as AnyStateNode;
  const { entered, byDefault } = entrySet(taken, { ...history, ...recalled });
  const compiled = (all: readonly unknown[]) => all.map((action) => actionOf(action, machine));
  const blocks: Block[] = [{ actions: compiled(actions), invoked: [], completion: null }];
  const completed = new Set<AnyStateNode>();
  for (const node of entered) {
    nodes.add(node);
    const block = {
      actions: compiled([
        ...node.entry,
        ...node.invoke.map((invoked) =>
          spawnChild(invoked.src as never, {
            ...(invoked as object),
            syncSnapshot: Boolean(invoked.onSnapshot),
          }),
        ),
        ...(byDefault.has(node) ? node.initial.actions : []),
      ]),
      invoked: node.invoke.map(({ id }) => id),
      completion: node.type === 'final' ? completionOf(node, nodes, completed) : null,
    };
    blocks.push(block);
  }
  const isDone = blocks.some(({ completion }) => completion?.last);
  const inOrder = [...nodes];
  if (isDone) {
    inOrder.sort((one, other) => other.order - one.order);
    const exits = inOrder.flatMap(({ exit }) => exit);
    blocks.push({ actions: compiled(exits), invoked: [], completion: null });
  }
  const isSame =
    nodes.size === active.nodes.length && active.nodes.every((node) => nodes.has(node));
  return {
    transitions: transitions[0]?.eventType === '' ? taken : transitions,
    blocks: joined(blocks),
    recalled: recalled === null ? null : { ...history, ...recalled },
    next: isSame && recalled === null ? null : find(inOrder),
  };
}

/** What history nodes of the states that are left will recall. */
function recalledOf(
  left: readonly AnyStateNode[],
  nodes: ReadonlySet<AnyStateNode>,
): RecalledStates | null {
  const recalled: Record<string, readonly AnyStateNode[]> = {};
  for (const exited of left) {
    for (const node of Object.values(exited.states)) {
      if (node.type !== 'history') continue;
      recalled[node.id] = [...nodes].filter((each) =>
        node.history === 'deep' ? isAtomic(each) && isBelow(each, exited) : each.parent === exited,
      );
    }
  }
  return Object.keys(recalled).length > 0 ? recalled : null;
}

function completionOf(
  node: AnyStateNode,
  nodes: ReadonlySet<AnyStateNode>,
  completed: Set<AnyStateNode>,
): Completion {
  const { parent, output } = node;
  const done = parent?.type === 'compound' ? [{ id: parent.id, output }] : [];
  let last = node;
  let at = parent?.type === 'parallel' ? parent : parent?.parent;
  if (at !== undefined) last = at;
  while (at?.type === 'parallel' && !completed.has(at) && isCompleted(nodes, at)) {
    completed.add(at);
    done.push({ id: at.id, output: undefined });
    last = at;
    at = at.parent;
  }
  return { done, last: at === undefined ? last : null };
}

/** In as few blocks as there can be: what invokes nothing and completes nothing needs none of its own. */
function joined(blocks: readonly Block[]): readonly Block[] {
  const all: Block[] = [];
  for (const block of blocks) {
    const before = all.at(-1);
    const isJoined =
      before?.completion === null && before.invoked.length + block.invoked.length === 0;
    if (!isJoined || before === undefined) all.push(block);
    else all[all.length - 1] = { ...block, actions: [...before.actions, ...block.actions] };
  }
  return all.filter(({ actions, completion }) => actions.length > 0 || completion !== null);
}

/** Takes the step. */
export function take<Active extends ActiveNodes>(
  { blocks, recalled, next }: Step<Active>,
  step: RunningMacrostep,
  event: AnyEventObject,
): void {
  for (const { actions, invoked, completion } of blocks) {
    if (invoked.length === 0) for (const action of actions) action(step, event);
    else {
      const deferred: Deferred = { ids: invoked, retries: [] };
      for (const action of actions) action(step, event, deferred);
      for (const retry of deferred.retries) retry();
    }
    if (completion !== null) complete(completion, step, event);
  }
  if (next !== null) step.enter(next, recalled ?? step.history);
}

function complete({ done, last }: Completion, step: RunningMacrostep, event: AnyEventObject): void {
  for (const { id, output } of done) step.queue.push(doneState(id, outputOf(output, step, event)));
  if (last === null) return;
  const { output } = step.machine.root;
  if (output === undefined) {
    step.complete(undefined);
    return;
  }
  const ofLast = last.parent === undefined ? undefined : outputOf(last.output, step, event);
  step.complete(outputOf(output, step, doneState(last.id, ofLast)));
}

function doneState(id: string, output: unknown): AnyEventObject {
  return { type: `xstate.done.state.${id}`, output };
}

function outputOf(
  output: unknown,
  { context, self }: RunningMacrostep,
  event: AnyEventObject,
): unknown {
  return typeof output === 'function' ? output({ context, event, self }) : output;
}
