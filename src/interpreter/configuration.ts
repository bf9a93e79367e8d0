/**
 * Configurations (SCXML): the sets of states that are active together, each kept once, with what can
 * follow from it. An event type's candidates are the transitions that may be taken, innermost first;
 * the steps they lead to are worked out when first taken, and remembered.
 */
import type { AnyEventObject, AnyStateMachine, AnyStateNode } from 'xstate';
import { ancestorsOf, isAtomic } from './entry-and-exit.ts';
import { type Guard, guardOf } from './guards.ts';
import { type ActiveNodes, activeNodes, type RunningMacrostep } from './macrostep.ts';
import { type Step, stepOf } from './steps.ts';
import { isDescribedBy, type Snapshot, type Transition } from './xstate-internals.ts';

/** Event types and configurations remembered at most: strangers may send what they like. */
const REMEMBERED_MAX = 10_000;

interface Candidate {
  readonly transition: Transition;
  readonly guard: Guard | null;
  /** Where it leads when nothing else is taken with it. */
  step: Step<StateConfiguration> | null;
}

/** Each region selects for itself; if none does, the first that may be taken of the candidates. */
interface Plan {
  readonly regions: readonly Plan[];
  readonly candidates: readonly Candidate[];
}

export class StateConfiguration implements ActiveNodes {
  readonly nodes: ActiveNodes['nodes'];
  readonly value: unknown;
  readonly tags: ReadonlySet<string>;
  readonly #all: StateConfigurations;
  readonly #plans = new Map<string, Plan>();
  readonly #steps = new Map<string, Step<StateConfiguration>>();
  /** Of each active atomic state that has any. */
  readonly #eventless: readonly (readonly Candidate[])[];

  constructor(all: StateConfigurations, { nodes, value, tags }: ActiveNodes) {
    this.#all = all;
    this.nodes = nodes;
    this.value = value;
    this.tags = tags;
    this.#eventless = nodes
      .filter(isAtomic)
      .map((node) => [node, ...ancestorsOf(node)].flatMap(({ always }) => always ?? []))
      .filter((transitions) => transitions.length > 0)
      .map((transitions) => all.candidatesOf(transitions));
  }

  /** The step on this event; null for none. */
  onEvent(step: RunningMacrostep, event: AnyEventObject): Step<StateConfiguration> | null {
    const plan = this.#planFor(event.type);
    if (plan.regions.length > 0) {
      const selected: Candidate[] = [];
      select(plan, step, event, selected);
      return this.#stepOf(selected, step);
    }
    const only = firstOf(plan.candidates, step, event);
    return only === null ? null : this.#stepOfOne(only, step);
  }

  /** The step that needs no event; null for none. */
  eventless(step: RunningMacrostep, event: AnyEventObject): Step<StateConfiguration> | null {
    if (this.#eventless.length === 0) return null;
    const selected: Candidate[] = [];
    for (const candidates of this.#eventless) {
      const each = candidates.find(({ guard }) => guard === null || guard(step, event));
      if (each !== undefined && !selected.includes(each)) selected.push(each);
    }
    return this.#stepOf(selected, step);
  }

  #planFor(type: string): Plan {
    const known = this.#plans.get(type);
    if (known !== undefined) return known;
    if (this.#plans.size >= REMEMBERED_MAX) this.#plans.clear();
    const plan = this.#all.planOf(type, this.value);
    this.#plans.set(type, plan);
    return plan;
  }

  #stepOfOne(only: Candidate, step: RunningMacrostep): Step<StateConfiguration> {
    if (only.step !== null) return only.step;
    const made = this.#all.stepOf(this, [only.transition], step);
    if (this.#all.areStepsRemembered) only.step = made;
    return made;
  }

  #stepOf(selected: readonly Candidate[], step: RunningMacrostep): Step<StateConfiguration> | null {
    const [only] = selected;
    if (only === undefined) return null;
    if (selected.length === 1) return this.#stepOfOne(only, step);
    const transitions = selected.map(({ transition }) => transition);
    const key = this.#all.keyOf(transitions);
    const known = this.#steps.get(key);
    if (known !== undefined) return known;
    const made = this.#all.stepOf(this, transitions, step);
    if (this.#all.areStepsRemembered) this.#steps.set(key, made);
    return made;
  }
}

function select(
  plan: Plan,
  step: RunningMacrostep,
  event: AnyEventObject,
  selected: Candidate[],
): void {
  const before = selected.length;
  for (const region of plan.regions) select(region, step, event, selected);
  if (selected.length > before) return;
  const own = firstOf(plan.candidates, step, event);
  if (own !== null) selected.push(own);
}

function firstOf(
  candidates: readonly Candidate[],
  step: RunningMacrostep,
  event: AnyEventObject,
): Candidate | null {
  for (const candidate of candidates) {
    if (candidate.guard === null || passes(candidate, step, event)) return candidate;
  }
  return null;
}

function passes(
  { guard, transition }: Candidate,
  step: RunningMacrostep,
  event: AnyEventObject,
): boolean {
  try {
    return guard === null || guard(step, event);
  } catch (error) {
    const named: unknown = transition.guard;
    const name = typeof named === 'string' ? named : (named as { type?: string }).type;
    const said = typeof named === 'function' || !name ? '' : `'${name}' `;
    const where = `in transition for event '${event.type}' in state node '${transition.source.id}'`;
    throw new Error(`Unable to evaluate guard ${said}${where}:\n${(error as Error).message}`);
  }
}

function hasHistory({ type, states }: AnyStateNode): boolean {
  return type === 'history' || Object.values(states).some((child) => hasHistory(child));
}

/** The configurations of a machine. */
export class StateConfigurations {
  /** What is recalled decides where transitions to history lead: then steps are made each time. */
  readonly areStepsRemembered: boolean;
  readonly #machine: AnyStateMachine;
  readonly #known = new WeakMap<ActiveNodes['nodes'], StateConfiguration>();
  readonly #byKey = new Map<string, StateConfiguration>();
  readonly #numbers = new Map<Transition, number>();

  constructor(machine: AnyStateMachine) {
    this.#machine = machine;
    this.areStepsRemembered = !hasHistory(machine.root);
  }

  /** The one with the same states in the same order. */
  of(snapshot: Snapshot, nodes: ActiveNodes['nodes'] = snapshot._nodes): StateConfiguration {
    const known = this.#known.get(nodes);
    if (known !== undefined) return known;
    const key = nodes.map(({ order }) => order).join();
    const same = this.#byKey.get(key) ?? new StateConfiguration(this, activeNodes(snapshot, nodes));
    if (this.#byKey.size >= REMEMBERED_MAX) this.#byKey.clear();
    this.#byKey.set(key, same);
    this.#known.set(nodes, same);
    return same;
  }

  stepOf(
    from: StateConfiguration,
    transitions: readonly Transition[],
    { history, snapshot }: RunningMacrostep,
  ): Step<StateConfiguration> {
    return stepOf(from, transitions, history, (nodes) => this.of(snapshot, nodes));
  }

  keyOf(transitions: readonly Transition[]): string {
    const numberOf = (transition: Transition) => {
      const known = this.#numbers.get(transition) ?? this.#numbers.size;
      this.#numbers.set(transition, known);
      return known;
    };
    return transitions.map(numberOf).join();
  }

  candidatesOf(transitions: readonly Transition[]): readonly Candidate[] {
    return transitions.map((transition) => {
      const guard = transition.guard ? guardOf(transition.guard, this.#machine) : null;
      return { transition, guard, step: null };
    });
  }

  /** The plan for a state value, as XState walks it: from the root inwards, and back outwards. */
  planOf(type: string, value: unknown, node: AnyStateNode = this.#machine.root): Plan {
    const own = this.candidatesOf(transitionsFor(node, type));
    const inner = typeof value === 'string' ? { [value]: {} } : (value as Record<string, unknown>);
    const regions = Object.entries(inner)
      .filter(([, within]) => within)
      .map(([key, within]) => this.planOf(type, within, node.states[key]));
    const [only] = regions;
    if (regions.length !== 1 || only === undefined) {
      const isAnything = regions.some((region) => region.regions.length + region.candidates.length);
      return { regions: isAnything ? regions : [], candidates: own };
    }
    return { regions: only.regions, candidates: [...only.candidates, ...own] };
  }
}

/** Those for this very type come first, then wildcards, the longest first. */
function transitionsFor({ transitions }: AnyStateNode, type: string): readonly Transition[] {
  const wildcards = [...transitions.keys()]
    .filter((descriptor) => descriptor !== type && isDescribedBy(type, descriptor))
    .sort((one, other) => other.length - one.length);
  return [type, ...wildcards].flatMap((descriptor) => transitions.get(descriptor) ?? []);
}
