/** Which actions there can be: what a page offers, and what a link may carry. */

import type { ServerId } from '../../machines/rules/entries.ts';
import { encodeText, isKey, isWellFormed } from '../kv/index.ts';
import { idsOf } from '../simulation/options.ts';
import type { Action } from './action.ts';

export const SERVERS_MAX = 9;
/** Small enough that a whole script fits into a link. */
export const KEY_BYTES_MAX = 64;
export const VALUE_BYTES_MAX = 256;
export const FLIGHTS_MAX = 10_000_000;

/** What is wrong with it, in a sentence; null when it can be done. */
export function problemOf(action: Action, servers: number): string | null {
  const ids = idsOf(servers);
  switch (action.type) {
    case 'put':
    case 'append':
      return problemOfServer(action.server, ids) ?? problemOfPair(action.key, action.value);
    case 'get':
      return problemOfServer(action.server, ids) ?? problemOfPair(action.key, '');
    case 'drop':
      return problemOfFlight(action.flight);
    case 'cut':
    case 'restore':
      return problemOfLink(action.from, action.to, ids);
    case 'partition':
      return problemOfGroups(action.groups, ids);
    case 'heal':
      return null;
    default:
      return problemOfServer(action.server, ids);
  }
}

function problemOfServer(id: ServerId, ids: readonly ServerId[]): string | null {
  if (ids.includes(id)) return null;
  return `there is no server ${quoted(id)}; there are ${ids.join(', ')}`;
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

function problemOfLink(from: ServerId, to: ServerId, ids: readonly ServerId[]): string | null {
  const unknown = problemOfServer(from, ids) ?? problemOfServer(to, ids);
  return unknown ?? (from === to ? `there is no link from ${from} to itself` : null);
}

function problemOfGroups(
  groups: readonly (readonly ServerId[])[],
  ids: readonly ServerId[],
): string | null {
  const members = groups.flat();
  const stranger = members.find((id) => !ids.includes(id));
  if (stranger !== undefined) return problemOfServer(stranger, ids);
  const twice = members.find((id, at) => members.indexOf(id) !== at);
  if (twice !== undefined) return `server ${twice} is in two groups`;
  const isEmpty = groups.length === 0 || groups.some((group) => group.length === 0);
  return isEmpty ? 'a group has at least one server' : null;
}

const SHOWN_MAX = 24;

/** Strangers' text, as much of it as helps to find it. */
export function quoted(text: string): string {
  const letters = [...text];
  return `“${letters.length > SHOWN_MAX ? `${letters.slice(0, SHOWN_MAX).join('')}…` : text}”`;
}
