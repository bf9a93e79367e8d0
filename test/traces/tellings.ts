/** States, disks and answers in a line each; logs as their terms, as in the paper's figures. */

import type { Entry } from '../../machines/rules/entries.ts';
import type { Outcome } from '../../src/ports/outcome.ts';
import type { KeyValueCluster } from '../paper/scenario.ts';

type SimulatedServer = ReturnType<KeyValueCluster['at']>;

export function stateOf(server: SimulatedServer): string {
  const { id, state } = server;
  if (state === null) return `${id} is down`;
  const { currentTerm, commitIndex, log } = state;
  const terms = logOf(log.base, log.slice(log.firstIndex));
  return `${id} ${server.role()} t${currentTerm} log ${terms} commit ${commitIndex}`;
}

export function diskOf({ id, disk }: SimulatedServer): string {
  if (disk.durable === null) return `${id} disk empty`;
  const { term, votedFor, base, entries } = disk.durable;
  return `${id} disk t${term} vote ${votedFor ?? '–'} log ${logOf(base, entries)}`;
}

/** `[4]` stands for the entries through 4, which are compacted. */
function logOf(base: { readonly index: number }, entries: readonly Entry[]): string {
  const terms = entries.map(({ term }) => `${term}`);
  const compacted = base.index === 0 ? [] : [`[${base.index}]`];
  return [...compacted, ...terms].join(' ') || '–';
}

export function describeOutcome(outcome: Outcome<unknown>): string {
  if (outcome.outcome !== 'applied') return `${outcome.outcome}, ${outcome.reason}`;
  const { type, value, length, session } = outcome.result as Record<string, unknown>;
  const parts =
    value instanceof Uint8Array
      ? [`'${new TextDecoder().decode(value)}'`]
      : [
          session === undefined ? `${type}` : `session ${session}`,
          ...(length === undefined ? [] : [`length ${length}`]),
        ];
  return [...parts, `at ${outcome.index}`].join(', ');
}
