/**
 * One server machine by pure transitions: an event in; the state it is in, and everything it wants
 * done, out. Nothing runs: no actor, no clock.
 */
import { initialTransition, transition } from 'xstate';
import type { ActorMessage } from '../../machines/rules/decision.ts';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { Message } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { type ServerSnapshot, serverMachine } from '../../machines/server.ts';
import type { ServerEvent } from '../../machines/vocabulary.ts';
import { preVoteResponse, requestVoteResponse } from '../rules/messages.ts';
import { type Given, serverOf } from '../rules/states.ts';

export interface Step {
  readonly snapshot: ServerSnapshot;
  /** Where it is: `'follower.following'`, `'leader'`. */
  readonly value: string;
  readonly context: ServerState;
  /** Emitted in this step, in order. */
  readonly effects: readonly Effect[];
  /** Told to replication actors in this step, in order. */
  readonly outgoing: readonly ActorMessage[];
  /** Replication actors started and stopped in this step. */
  readonly started: readonly ServerId[];
  readonly stopped: readonly ServerId[];
  /** The timers that this step armed anew. */
  readonly armed: readonly string[];
  /** The timers that run after it. */
  readonly timers: readonly string[];
}

type Timeout = { readonly type: `xstate.after.${string}` };

interface Executed {
  readonly type: string;
  readonly params?: unknown;
}

function stepTo(
  snapshot: ServerSnapshot,
  actions: readonly Executed[],
  before: readonly string[],
): Step {
  const paramsOf = (type: string) =>
    actions.filter((action) => action.type === type).map(({ params }) => params as never);
  let timers = [...before];
  const armed: string[] = [];
  for (const { type, params } of actions) {
    if (type === 'xstate.cancel') {
      timers = timers.filter((timer) => timer !== (params as { sendId: string }).sendId);
    }
    if (type === 'xstate.raise' && (params as { delay?: number }).delay !== undefined) {
      armed.push((params as { id: string }).id);
      timers.push((params as { id: string }).id);
    }
  }
  return {
    snapshot,
    value: nameOf(snapshot.value),
    context: snapshot.context,
    effects: paramsOf('xstate.emit').map(({ event }) => event),
    outgoing: paramsOf('xstate.sendTo').map(({ targetId, event }) => ({
      follower: targetId,
      event,
    })),
    started: paramsOf('xstate.spawnChild').map(({ id }) => id),
    stopped: actions.filter(({ type }) => type === 'xstate.stopChild').map(stoppedId),
    armed: armed.map(delayOf),
    timers,
  };
}

function stoppedId({ params }: Executed): ServerId {
  return (params as { id: ServerId }).id;
}

function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [[role, within] = ['', ''], ...rest] = Object.entries(value as object);
  if (rest.length > 0) return role;
  if (typeof within === 'string') return `${role}.${within}`;
  const inner = Object.keys(within as object);
  return inner.length === 1 ? `${role}.${inner[0]}` : role;
}

/** `xstate.after.electionTimeout.server.follower.waiting` is the timer of `electionTimeout`. */
function delayOf(timer: string): string {
  return timer.split('.')[2] ?? '';
}

/** A server that has just started from what its storage holds. */
export function start(given: Given = {}): Step {
  const {
    id,
    parameters,
    currentTerm: term,
    votedFor,
    commitIndex,
    log,
    snapshot,
    writes,
  } = serverOf(given);
  const stored = { term, votedFor, commitIndex, log, snapshot, lastWriteId: writes.decided };
  const [started, actions] = initialTransition(serverMachine, { id, parameters, stored });
  return stepTo(started, actions, []);
}

export function takes(step: Step, event: ServerEvent | Timeout): Step {
  const timers = step.timers.filter((timer) => timer !== event.type);
  const [next, actions] = transition(serverMachine, step.snapshot, event as ServerEvent);
  return stepTo(next, actions, timers);
}

/** These messages arrive, one after the other; what is read is what the last one did. */
export function hears(step: Step, ...messages: Message[]): Step {
  return messages.reduce(
    (before, message) => takes(before, { type: 'rpc.received', message }),
    step,
  );
}

/** The named delay of the state it is in passes. */
export function elapses(step: Step, delay: string): Step {
  const timer = step.timers.find((each) => delayOf(each) === delay);
  if (timer === undefined)
    throw new Error(`no ${delay} runs in ${step.value}: ${step.timers.join()}`);
  return takes(step, { type: timer as Timeout['type'] });
}

/** Its disk confirms every write decided so far. */
export function persisted(step: Step, now = 0): Step {
  return takes(step, { type: 'storage.persisted', writeId: step.context.writes.decided, now });
}

/** A pre-candidate: a whole election timeout has passed. */
export function preCandidate(given: Given = {}): Step {
  return elapses(start(given), 'electionTimeout');
}

/** A candidate of the term after the given one, with a pre-vote from b; its own write is in flight. */
export function candidate(given: Given = {}): Step {
  const asking = preCandidate(given);
  const { requestId, currentTerm: term } = asking.context;
  const granted = preVoteResponse({ requestId, term, proposedTerm: term + 1 });
  return asking.value === 'candidate.preVote' ? hears(asking, granted) : asking;
}

/** A leader of the term after the given one, elected by b, in the step that elects it. */
export function elected(given: Given = {}): Step {
  const voted = persisted(candidate(given));
  const { requestId, currentTerm: term } = voted.context;
  return hears(voted, requestVoteResponse({ requestId, term }));
}
