/** All that can be seen of an actor that runs a machine, as values that can be compared. */
import {
  type AnyActorRef,
  type AnyStateMachine,
  createActor,
  type InspectionEvent,
  SimulatedClock,
} from 'xstate';
import { SeededRandom } from '../../src/simulation/random.ts';
import { EVENT_TYPES } from './random-machine.ts';

const RECORDS_MAX = 1_500;

interface Written {
  readonly status: string;
  readonly _nodes?: readonly { readonly id: string }[];
  readonly historyValue?: Readonly<Record<string, readonly { readonly id: string }[]>>;
  readonly children?: Readonly<Record<string, AnyActorRef>>;
  readonly tags?: ReadonlySet<string>;
  readonly getMeta?: () => unknown;
  readonly [key: string]: unknown;
}

/** Actors have names that XState makes up as it goes; here they are numbered as they appear. */
function namesOfActors(): (actor: unknown) => string | undefined {
  const names = new Map<unknown, string>();
  return (actor) => {
    if (actor === undefined) return undefined;
    const known = names.get(actor) ?? `actor ${names.size} ${idOf(actor as AnyActorRef)}`;
    names.set(actor, known);
    return known;
  };
}

/** Writes down what inspectors are told of one system of actors. */
export function recorderOf(): (event: InspectionEvent) => unknown {
  const nameOf = namesOfActors();
  return (event) => inspected(event, nameOf, (value) => plain(value, nameOf));
}

interface Reported {
  readonly source: { readonly id: string };
  readonly target?: readonly { readonly id: string }[];
  readonly eventType: string;
  readonly reenter: boolean;
}

/** What happens, in order, when an actor of the machine is sent what the seed says. */
export function recordedRun(
  machine: AnyStateMachine,
  seed: string,
  steps = 40,
): readonly unknown[] {
  const random = new SeededRandom(`sent ${seed}`);
  const clock = new SimulatedClock();
  const said: unknown[] = [];
  const nameOf = namesOfActors();
  const write = (value: unknown): unknown => plain(value, nameOf);
  const inspect = (event: InspectionEvent) => {
    said.push(inspected(event, nameOf, write));
    // Actors that go on sending to themselves or each other: they handle what they have, and stop.
    if (said.length > RECORDS_MAX) (event.actorRef as unknown as { _stop(): void })._stop();
  };
  const actor = createActor(machine, {
    clock,
    inspect,
    input: 1,
    logger: (...logged: unknown[]) => said.push(['logged', write(logged)]),
  });
  actor.on('*', (emitted) => said.push(['emitted', write(emitted)]));
  actor.subscribe({
    next: (snapshot) => said.push(['next', write(snapshot)]),
    error: (error) => said.push(['error', String(error)]),
    complete: () => said.push(['complete']),
  });
  actor.start();
  let before: unknown = actor.getSnapshot();
  for (let step = 0; step < steps && actor.getSnapshot().status === 'active'; step += 1) {
    const drawn = random.below(10);
    if (drawn < 6) actor.send({ type: typeBy(random), step });
    else if (drawn < 9) clock.increment(random.below(6));
    else sendToChild(actor, random, step);
    const now: unknown = actor.getSnapshot();
    said.push(['after', step, now === before, write(now)]);
    before = now;
  }
  actor.stop();
  said.push(['stopped', write(actor.getSnapshot())]);
  return said;
}

function sendToChild(actor: AnyActorRef, random: SeededRandom, step: number): void {
  const { children } = actor.getSnapshot() as Written;
  const all = Object.values(children ?? {}).filter((child) => child !== undefined);
  const child = all[random.below(Math.max(1, all.length))];
  const status = (child?.getSnapshot() as Written | undefined)?.status;
  if (status === 'active') child?.send({ type: typeBy(random), step });
}

function typeBy(random: SeededRandom): string {
  return EVENT_TYPES[random.below(EVENT_TYPES.length)] as string;
}

/** Ids that XState makes up are numbered by the process. */
function idOf({ id }: AnyActorRef): string {
  return id.replace(/^x:\d+$/, 'x');
}

function inspected(
  event: InspectionEvent,
  nameOf: (actor: unknown) => string | undefined,
  write: (value: unknown) => unknown,
): unknown {
  const { type, actorRef } = event;
  const rest = event as unknown as Record<string, unknown>;
  const transitions = (rest._transitions ?? []) as readonly Reported[];
  return {
    type,
    actor: nameOf(actorRef),
    source: nameOf(rest.sourceRef),
    event: write(rest.event),
    action: write(rest.action),
    snapshot: write(rest.snapshot),
    transitions: transitions.map(({ source, target, eventType, reenter }) => [
      source.id,
      target?.map(({ id }) => id),
      eventType,
      reenter,
    ]),
  };
}

/** Snapshots with what XState keeps in them, actors by name, errors by what they say. */
function plain(value: unknown, nameOf: (actor: unknown) => string | undefined): unknown {
  const write = (inner: unknown) => plain(inner, nameOf);
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(write);
  if ('sessionId' in value && 'send' in value) return nameOf(value);
  if ('status' in value && '_nodes' in value) return snapshotOf(value as Written, write);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, write(inner)]));
}

function snapshotOf(snapshot: Written, write: (value: unknown) => unknown): unknown {
  const { status, value, context, output, error, children, historyValue, tags, _nodes } = snapshot;
  const ids = (nodes: readonly { readonly id: string }[] = []) => nodes.map(({ id }) => id);
  const past = Object.entries(historyValue ?? {}).map(([id, nodes]) => [id, ids(nodes)]);
  return {
    ...{ status, value, context: write(context), output: write(output), error: write(error) },
    keys: Object.keys(snapshot),
    contextKeys: Object.keys(context as object),
    children: write(children),
    past,
    tags: [...(tags ?? [])],
    nodes: ids(_nodes),
    meta: snapshot.getMeta?.(),
  };
}
