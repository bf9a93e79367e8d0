/** What one can do to the cluster in the playground: plain data, so that a link can carry it. */
import type { ServerId } from '../../machines/rules/entries.ts';
import { encodeText, isKey, isWellFormed } from '../kv/index.ts';
import { idsOf } from '../simulation/options.ts';

/** What can be done to one server, and what the feed says of it. */
export const TO_A_SERVER = {
  /** As by SIGTERM: it answers what is pending, hands over its leadership and ends. */
  stop: 'told to stop',
  /** The power goes, and with it what was not synced. */
  crash: 'power cut',
  /** From its disk; crashes it first if it runs. */
  restart: 'restart',
  /** As by SIGSTOP and SIGCONT. */
  pause: 'paused',
  resume: 'resumed',
  /** Its election timer runs out now. */
  timeOut: 'timer made to expire',
  takeSnapshot: 'told to take a snapshot',
} as const;

export type ServerVerb = keyof typeof TO_A_SERVER;

/** A client's call, to one server; only the leader takes it. */
export type ClientAction =
  | { readonly type: 'get'; readonly server: ServerId; readonly key: string }
  | {
      readonly type: 'put' | 'append';
      readonly server: ServerId;
      readonly key: string;
      readonly value: string;
    };

export type Action =
  | ClientAction
  | { readonly type: ServerVerb; readonly server: ServerId }
  /** The message of that number is lost on its way. */
  | { readonly type: 'drop'; readonly flight: number }
  /** One direction of a link. */
  | { readonly type: 'cut' | 'restore'; readonly from: ServerId; readonly to: ServerId }
  /** Groups hear nothing of each other. */
  | { readonly type: 'partition'; readonly groups: readonly (readonly ServerId[])[] }
  | { readonly type: 'heal' };

export const SERVERS_MAX = 9;
/** Small enough that a whole script fits into a link. */
export const KEY_BYTES_MAX = 64;
export const VALUE_BYTES_MAX = 256;
const FLIGHTS_MAX = 10_000_000;

/** What the feed and announcements say of it. */
export function actionSentence(action: Action): string {
  switch (action.type) {
    case 'put':
    case 'append':
    case 'get':
      return `a client at ${action.server}: ${callWords(action)}`;
    case 'drop':
      return `message ${action.flight}: dropped`;
    case 'cut':
    case 'restore':
      return `link ${action.from}→${action.to}: ${action.type === 'cut' ? 'cut' : 'restored'}`;
    case 'partition':
      return `network: split into ${action.groups.map((group) => group.join(' ')).join(' | ')}`;
    case 'heal':
      return 'network: all links restored';
    default:
      return `${action.server}: ${TO_A_SERVER[action.type]}`;
  }
}

/** What a client asks for. */
export function callWords(call: ClientAction): string {
  if (call.type === 'get') return `get ${call.key}`;
  const { type, key, value } = call;
  return type === 'put' ? `put ${key} = ${value}` : `append ${value} to ${key}`;
}

/** Why such an action is impossible in a cluster of that size, in a sentence; null if it is not. */
export function problemOf(action: Action, servers: number): string | null {
  const ids = idsOf(servers);
  const unknown = serversIn(action).find((id) => !ids.includes(id));
  if (unknown !== undefined) {
    return `there is no server ${quoted(unknown)}; there are ${ids.join(', ')}`;
  }
  if ('key' in action) return problemOfPair(action.key, 'value' in action ? action.value : '');
  if (action.type === 'drop') return problemOfFlight(action.flight);
  if (action.type === 'partition') return problemOfGroups(action.groups);
  const isLoop = 'from' in action && action.from === action.to;
  return isLoop ? `there is no link from ${action.from} to itself` : null;
}

function serversIn(action: Action): readonly ServerId[] {
  if ('server' in action) return [action.server];
  if ('from' in action) return [action.from, action.to];
  return 'groups' in action ? action.groups.flat() : [];
}

function problemOfPair(key: string, value: string): string | null {
  if (!isKey(key) || encodeText(key).byteLength > KEY_BYTES_MAX) {
    return `a key here has 1 to ${KEY_BYTES_MAX} bytes, which ${quoted(key)} has not`;
  }
  if (!isWellFormed(value) || encodeText(value).byteLength > VALUE_BYTES_MAX) {
    return `a value here has at most ${VALUE_BYTES_MAX} bytes of well-formed text`;
  }
  return null;
}

function problemOfFlight(flight: number): string | null {
  if (Number.isInteger(flight) && flight >= 1 && flight <= FLIGHTS_MAX) return null;
  return `messages are numbered from 1 to ${FLIGHTS_MAX}, and none is ${quoted(String(flight))}`;
}

function problemOfGroups(groups: readonly (readonly ServerId[])[]): string | null {
  const members = groups.flat();
  const twice = members.find((id, at) => members.indexOf(id) !== at);
  if (twice !== undefined) return `server ${twice} is in two groups`;
  const isEmpty = groups.length === 0 || groups.some((group) => group.length === 0);
  return isEmpty ? 'a group has at least one server' : null;
}

const SHOWN_MAX = 24;

/** As much of a text from outside as helps to find it. */
export function quoted(text: string): string {
  const letters = [...text];
  return `“${letters.length > SHOWN_MAX ? `${letters.slice(0, SHOWN_MAX).join('')}…` : text}”`;
}
