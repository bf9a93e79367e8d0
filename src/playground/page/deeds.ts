/** What one can do to a server: each with its words, its key, and when it makes sense. */
import type { ServerId } from '#rules/entries';
import type { Action } from '../action.ts';
import type { Frame, ServerFrame } from '../frame.ts';

export interface ServerDeed {
  readonly name: string;
  readonly key: string;
  /** What it means, for whoever hovers or reads the help. */
  readonly about: string;
  readonly isPossible: (server: ServerFrame, frame: Frame) => boolean;
  readonly action: (server: ServerFrame, frame: Frame) => Action;
}

const isUp = ({ condition }: ServerFrame) => condition !== 'down';

export const SERVER_DEEDS: readonly ServerDeed[] = [
  {
    name: 'Time out now',
    key: 't',
    about: 'Its election timer runs out at once.',
    isPossible: ({ condition, role }) => condition === 'running' && role !== 'leader',
    action: ({ id }) => ({ type: 'timeOut', server: id }),
  },
  {
    name: 'Pause',
    key: 'p',
    about: 'Frozen, as by SIGSTOP: it answers nobody, and its timers stand still.',
    isPossible: ({ condition }) => condition === 'running',
    action: ({ id }) => ({ type: 'pause', server: id }),
  },
  {
    name: 'Resume',
    key: 'p',
    about: 'Goes on where it was frozen.',
    isPossible: ({ condition }) => condition === 'paused',
    action: ({ id }) => ({ type: 'resume', server: id }),
  },
  {
    name: 'Crash',
    key: 'c',
    about: 'The power goes, and with it what was not synced.',
    isPossible: isUp,
    action: ({ id }) => ({ type: 'crash', server: id }),
  },
  {
    name: 'Stop',
    key: 's',
    about: 'As by SIGTERM: it settles what is pending, hands over and is gone.',
    isPossible: ({ condition }) => condition === 'running',
    action: ({ id }) => ({ type: 'stop', server: id }),
  },
  {
    name: 'Restart',
    key: 'r',
    about: 'Starts from its disk; crashes first if it runs.',
    isPossible: () => true,
    action: ({ id }) => ({ type: 'restart', server: id }),
  },
  {
    name: 'Take snapshot',
    key: 'k',
    about: 'Writes what it has applied as a snapshot and compacts its log.',
    isPossible: ({ condition, appliedIndex, disk }) =>
      condition === 'running' && appliedIndex > disk.snapshotIndex,
    action: ({ id }) => ({ type: 'takeSnapshot', server: id }),
  },
  {
    name: 'Cut off',
    key: 'x',
    about: 'Cuts all of its links, both ways.',
    isPossible: ({ id }, frame) => !isAlone(frame, id),
    action: ({ id }, frame) => ({ type: 'partition', groups: without(frame, id).concat([[id]]) }),
  },
  {
    name: 'Connect again',
    key: 'x',
    about: 'Restores its links to the largest group.',
    isPossible: ({ id }, frame) => isAlone(frame, id),
    action: ({ id }, frame) => joined(frame, id),
  },
];

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
