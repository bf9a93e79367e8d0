/** What one can do to a server: each with its words, its key, and why not if not. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Action } from '../action.ts';
import type { Frame, ServerFrame } from '../frame.ts';
import { isWhole } from './ring/links.tsx';

/** Something wanted, made out when its turn comes: by then the frame may be another. */
export type Intent = (frame: Frame) => Action | Objection;

/** Why it makes no sense just now, in a sentence. */
export interface Objection {
  readonly objection: string;
}

export interface ServerDeed {
  readonly name: string;
  readonly key: string;
  /** What it means, for whoever hovers or reads the help. */
  readonly about: string;
  /** Why it makes no sense just now, in a sentence; null when it does. */
  readonly objection: (server: ServerFrame, frame: Frame) => string | null;
  readonly action: (server: ServerFrame, frame: Frame) => Action;
}

/** What needs a server that runs. */
function running({ id, condition }: ServerFrame): string | null {
  if (condition === 'running') return null;
  return condition === 'down'
    ? `${id} is down: restart it first.`
    : `${id} is paused: resume it first.`;
}

const SERVER_DEEDS: readonly ServerDeed[] = [
  {
    name: 'Time out now',
    key: 't',
    about: 'Its election timer runs out at once.',
    objection: (server) =>
      running(server) ??
      (server.role === 'leader' ? `${server.id} leads: it waits for no election.` : null),
    action: ({ id }) => ({ type: 'timeOut', server: id }),
  },
  {
    name: 'Pause',
    key: 'p',
    about: 'Frozen, as by SIGSTOP: it answers nobody, and its timers stand still.',
    objection: running,
    action: ({ id }) => ({ type: 'pause', server: id }),
  },
  {
    name: 'Resume',
    key: 'p',
    about: 'Goes on where it was frozen.',
    objection: ({ id, condition }) => (condition === 'paused' ? null : `${id} is not paused.`),
    action: ({ id }) => ({ type: 'resume', server: id }),
  },
  {
    name: 'Crash',
    key: 'c',
    about: 'The power goes, and with it what was not synced.',
    objection: ({ id, condition }) => (condition === 'down' ? `${id} is down already.` : null),
    action: ({ id }) => ({ type: 'crash', server: id }),
  },
  {
    name: 'Stop',
    key: 's',
    about: 'As by SIGTERM: it settles what is pending, hands over and is gone.',
    objection: running,
    action: ({ id }) => ({ type: 'stop', server: id }),
  },
  {
    name: 'Restart',
    key: 'r',
    about: 'Starts from its disk; crashes first if it runs.',
    objection: () => null,
    action: ({ id }) => ({ type: 'restart', server: id }),
  },
  {
    name: 'Take snapshot',
    key: 'k',
    about: 'Writes what it has applied as a snapshot and compacts its log.',
    objection: (server) =>
      running(server) ??
      (server.appliedIndex > server.disk.snapshotIndex
        ? null
        : `${server.id} has applied nothing that its snapshot has not.`),
    action: ({ id }) => ({ type: 'takeSnapshot', server: id }),
  },
  {
    name: 'Cut off',
    key: 'x',
    about: 'Cuts all of its links, both ways.',
    objection: ({ id }, frame) => (isAlone(frame, id) ? `${id} is cut off already.` : null),
    action: ({ id }, frame) => ({ type: 'partition', groups: without(frame, id).concat([[id]]) }),
  },
  {
    name: 'Reconnect',
    key: 'x',
    about: 'Restores its links to the largest group.',
    objection: ({ id }, frame) => (isAlone(frame, id) ? null : `${id} is not cut off.`),
    action: ({ id }, frame) => joined(frame, id),
  },
];

/** Deeds of one key share a place; the one that is shown is the one that can be done, if any can. */
export interface DeedPlace {
  readonly deeds: readonly ServerDeed[];
  readonly key: string;
}

export const DEED_PLACES: readonly DeedPlace[] = [
  ...new Set(SERVER_DEEDS.map(({ key }) => key)),
].map((key) => ({ key, deeds: SERVER_DEEDS.filter((deed) => deed.key === key) }));

export function deedAt({ deeds }: DeedPlace, server: ServerFrame, frame: Frame) {
  const possible = deeds.find(({ objection }) => objection(server, frame) === null);
  const deed = possible ?? deeds[0]!;
  return { deed, objection: possible ? null : deed.objection(server, frame) };
}

/** That deed and no other. */
export function intentOf(deed: ServerDeed, id: ServerId): Intent {
  return (frame) => {
    const server = frame.servers.find((each) => each.id === id);
    if (server === undefined) return { objection: `There is no server ${id}.` };
    const objection = deed.objection(server, frame);
    return objection === null ? deed.action(server, frame) : { objection };
  };
}

/** Whichever deed of that place can be done then. */
export function intentAt(place: DeedPlace, id: ServerId): Intent {
  return (frame) => {
    const server = frame.servers.find((each) => each.id === id);
    const { deed } = server ? deedAt(place, server, frame) : { deed: place.deeds[0]! };
    return intentOf(deed, id)(frame);
  };
}

/** The message of that number, if one is meant and still on its way. */
export function dropIntent(flight: number | null): Intent {
  return ({ flights }) =>
    flight !== null && flights.some(({ number }) => number === flight)
      ? { type: 'drop', flight }
      : { objection: 'No message on its way is selected: m selects the next.' };
}

export const healIntent: Intent = ({ cuts }) =>
  isWhole(cuts) ? { objection: 'No link is cut.' } : { type: 'heal' };

function groupsOf({ cuts, servers }: Frame): readonly (readonly ServerId[])[] {
  const named = cuts.groups ?? [];
  const rest = servers
    .map(({ id }) => id)
    .filter((id) => !named.some((group) => group.includes(id)));
  return rest.length === 0 ? named : [...named, rest];
}

function isAlone(frame: Frame, id: ServerId): boolean {
  if (frame.cuts.groups === null) return false;
  return groupsOf(frame).some((group) => group.length === 1 && group[0] === id);
}

function without(frame: Frame, id: ServerId): readonly ServerId[][] {
  return groupsOf(frame)
    .map((group) => group.filter((each) => each !== id))
    .filter((group) => group.length > 0);
}

function joined(frame: Frame, id: ServerId): Action {
  const [largest, ...others] = [...without(frame, id)].sort((a, b) => b.length - a.length);
  if (largest === undefined || others.length === 0) return { type: 'heal' };
  return { type: 'partition', groups: [[...largest, id].sort(), ...others] };
}

/** In a few words, for lists and announcements. */
export function actionWords(action: Action): string {
  switch (action.type) {
    case 'put':
      return `put ${action.key} = ${action.value} at ${action.server}`;
    case 'append':
      return `append ${action.value} to ${action.key} at ${action.server}`;
    case 'get':
      return `get ${action.key} at ${action.server}`;
    case 'drop':
      return `drop message ${action.flight}`;
    case 'cut':
    case 'restore':
      return `${action.type} ${action.from}→${action.to}`;
    case 'partition':
      return `partition ${action.groups.map((group) => group.join(' ')).join(' | ')}`;
    case 'heal':
      return 'restore all links';
    case 'timeOut':
      return `time out ${action.server}`;
    case 'takeSnapshot':
      return `take a snapshot at ${action.server}`;
    default:
      return `${action.type} ${action.server}`;
  }
}
