/**
 * Majorities (§5.1, §6), computed from a configuration and nothing else. Knows nothing of terms,
 * logs or roles.
 */
import type { Configuration, Member } from './configuration.ts';
import type { ServerId } from './entries.ts';

/** Whether `ids` hold a majority of the voters of every list that must agree. */
export function hasQuorum(configuration: Configuration, ids: readonly ServerId[]): boolean {
  return quorumValue(configuration, (id) => (ids.includes(id) ? 1 : 0)) === 1;
}

/**
 * The greatest value that a majority has reached: with `valueAt` = `matchIndex` the index that may
 * be committed (§5.3), with `valueAt` = echoed request numbers the round that is confirmed (§8).
 */
export function quorumValue(
  configuration: Configuration,
  valueAt: (id: ServerId) => number,
): number {
  const current = majorityValue(configuration.servers, valueAt);
  if (configuration.next === null) return current;
  return Math.min(current, majorityValue(configuration.next, valueAt));
}

function majorityValue(members: readonly Member[], valueAt: (id: ServerId) => number): number {
  const values = members.filter((member) => member.votes).map((member) => valueAt(member.id));
  if (values.length === 0) return Number.NEGATIVE_INFINITY;
  values.sort((a, b) => b - a);
  return values[majorityOf(values.length) - 1] ?? Number.NEGATIVE_INFINITY;
}

/** How many of its voters are a majority (§5.2). */
export function votesNeeded({ servers }: Configuration): number {
  return majorityOf(servers.filter(({ votes }) => votes).length);
}

/** How many of that many voters are a majority (§5.1). */
export function majorityOf(voters: number): number {
  return Math.floor(voters / 2) + 1;
}
