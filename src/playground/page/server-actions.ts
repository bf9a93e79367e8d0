/** What one can do to a server: each with its words, its key, and why not if not. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Action, ServerVerb } from '../action.ts';
import type { Frame, ServerFrame } from '../frame.ts';
import { groupsOf, isWhole } from './cuts.ts';

/** An action that depends on the frame when its turn comes: by then that may be another. */
export type ActionRequest = (frame: Frame) => Action | Unavailable;

/** Why it makes no sense just now, in a sentence. */
export interface Unavailable {
  readonly unavailable: string;
}

export interface ActionChoice {
  readonly name: string;
  readonly key: string;
  /** What it means, for its title. */
  readonly about: string;
  /** Why it makes no sense just now, in a sentence; null when it does. */
  readonly unavailable: (server: ServerFrame, frame: Frame) => string | null;
  readonly action: (server: ServerFrame, frame: Frame) => Action;
}

/** What needs a server that runs. */
function running({ id, condition }: ServerFrame): string | null {
  if (condition === 'running') return null;
  return condition === 'down'
    ? `${id} is down: restart it first.`
    : `${id} is paused: resume it first.`;
}

function ofServer(type: ServerVerb): ActionChoice['action'] {
  return ({ id: server }) => ({ type, server });
}

const CHOICES: readonly ActionChoice[] = [
  {
    name: 'Time out now',
    key: 't',
    about: 'Its election timer expires at once.',
    unavailable: (server) =>
      running(server) ??
      (server.role === 'leader' ? `${server.id} leads: it has no election timer.` : null),
    action: ofServer('timeOut'),
  },
  {
    name: 'Pause',
    key: 'p',
    about: 'Frozen, as by SIGSTOP: it answers nobody, and its timers stand still.',
    unavailable: running,
    action: ofServer('pause'),
  },
  {
    name: 'Resume',
    key: 'p',
    about: 'Continues where it was frozen.',
    unavailable: ({ id, condition }) => (condition === 'paused' ? null : `${id} is not paused.`),
    action: ofServer('resume'),
  },
  {
    name: 'Crash',
    key: 'c',
    about: 'Power is lost, and with it whatever was not synced.',
    unavailable: ({ id, condition }) => (condition === 'down' ? `${id} is down already.` : null),
    action: ofServer('crash'),
  },
  {
    name: 'Stop',
    key: 's',
    about: 'As by SIGTERM: it settles pending calls, transfers leadership and ends.',
    unavailable: running,
    action: ofServer('stop'),
  },
  {
    name: 'Restart',
    key: 'r',
    about: 'Starts from its disk; crashes first if it runs.',
    unavailable: () => null,
    action: ofServer('restart'),
  },
  {
    name: 'Take snapshot',
    key: 'k',
    about: 'Writes what it has applied to a snapshot, and compacts its log.',
    unavailable: (server) =>
      running(server) ??
      (server.appliedIndex > server.disk.snapshotIndex
        ? null
        : `${server.id} has applied nothing since its snapshot.`),
    action: ofServer('takeSnapshot'),
  },
  {
    name: 'Cut off',
    key: 'x',
    about: 'Cuts all of its links, both ways.',
    unavailable: ({ id }, frame) => (isAlone(frame, id) ? `${id} is cut off already.` : null),
    action: ({ id }, frame) => ({ type: 'partition', groups: [...groupsWithout(frame, id), [id]] }),
  },
  {
    name: 'Reconnect',
    key: 'x',
    about: 'Restores its links to the largest group.',
    unavailable: ({ id }, frame) => (isAlone(frame, id) ? null : `${id} is not cut off.`),
    action: ({ id }, frame) => joined(frame, id),
  },
];

function isAlone(frame: Frame, id: ServerId): boolean {
  if (frame.cuts.groups === null) return false;
  return groupsOf(frame).some((group) => group.length === 1 && group[0] === id);
}

function groupsWithout(frame: Frame, id: ServerId): readonly ServerId[][] {
  return groupsOf(frame)
    .map((group) => group.filter((each) => each !== id))
    .filter((group) => group.length > 0);
}

function joined(frame: Frame, id: ServerId): Action {
  const [largest, ...others] = groupsWithout(frame, id).toSorted((a, b) => b.length - a.length);
  if (largest === undefined || others.length === 0) return { type: 'heal' };
  return { type: 'partition', groups: [[...largest, id].sort(), ...others] };
}

/** Choices of one key share a place; the one shown is the one that can be done, if any can. */
export interface ActionPlace {
  readonly key: string;
  readonly choices: readonly ActionChoice[];
}

export const ACTION_PLACES: readonly ActionPlace[] = [
  ...new Set(CHOICES.map(({ key }) => key)),
].map((key) => ({ key, choices: CHOICES.filter((choice) => choice.key === key) }));

export function choiceAt({ choices }: ActionPlace, server: ServerFrame, frame: Frame) {
  const possible = choices.find(({ unavailable }) => unavailable(server, frame) === null);
  const choice = possible ?? choices[0]!;
  return { choice, unavailable: possible ? null : choice.unavailable(server, frame) };
}

/** Whichever choice of that place can be done then; or that choice and no other. */
export function requestAt(place: ActionPlace, id: ServerId, only?: ActionChoice): ActionRequest {
  return (frame) => {
    const server = frame.servers.find((each) => each.id === id);
    if (server === undefined) return { unavailable: `There is no server ${id}.` };
    const choice = only ?? choiceAt(place, server, frame).choice;
    const unavailable = choice.unavailable(server, frame);
    return unavailable === null ? choice.action(server, frame) : { unavailable };
  };
}

/** The message of that number, if one is meant and still on its way. */
export function dropRequest(flight: number | null): ActionRequest {
  return ({ flights }) =>
    flight !== null && flights.some(({ number }) => number === flight)
      ? { type: 'drop', flight }
      : { unavailable: 'No message on its way is selected: m selects the next.' };
}

export const healRequest: ActionRequest = ({ cuts }) =>
  isWhole(cuts) ? { unavailable: 'No link is cut.' } : { type: 'heal' };
