/** What is cut between the servers, and why a link cannot be cut or restored just now. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Action } from '../action.ts';
import type { Frame, NetworkCuts } from '../frame.ts';

export function isWhole({ groups, blocked }: NetworkCuts): boolean {
  return groups === null && blocked.length === 0;
}

export function isCut(cuts: NetworkCuts, from: ServerId, to: ServerId): boolean {
  return cuts.blocked.some(([a, b]) => a === from && b === to) || isSeparated(cuts, from, to);
}

/** Whether they are in different groups: then no link between them can be cut or restored alone. */
export function isSeparated({ groups }: NetworkCuts, from: ServerId, to: ServerId): boolean {
  if (groups === null) return false;
  const groupOf = (id: ServerId) => groups.findIndex((group) => group.includes(id));
  return groupOf(from) !== groupOf(to);
}

/** Those that no group names are one together. */
export function groupsOf({ cuts, servers }: Frame): readonly (readonly ServerId[])[] {
  const named = cuts.groups ?? [];
  const rest = servers.map(({ id }) => id).filter((id) => !named.flat().includes(id));
  return rest.length === 0 ? named : [...named, rest];
}

/** Why it would change nothing just now. */
export function uselessCut(action: Action, { cuts }: Frame): string | null {
  if (action.type !== 'cut' && action.type !== 'restore') return null;
  const { type, from, to } = action;
  if (isSeparated(cuts, from, to)) {
    return `groups separate ${from} and ${to}, so change the groups or restore all links`;
  }
  if (isCut(cuts, from, to) !== (type === 'cut')) return null;
  return `the link from ${from} to ${to} is ${type === 'cut' ? 'cut' : 'open'} already`;
}
