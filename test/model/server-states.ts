/**
 * Which states of a server are told apart: those in which it stands elsewhere in the chart, or in
 * which a guard would answer otherwise to anything that may come, or a rule would to what a role
 * asks it. Terms, indexes and numbers themselves are none of it.
 */

import { hasCommittedInTerm } from '../../machines/rules/commitment.ts';
import { hearsFromQuorum } from '../../machines/rules/leadership.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { ServerMachine, ServerSnapshot } from '../../machines/server.ts';
import type { ServerEvent } from '../../machines/vocabulary.ts';
import { alphabet, messagesTo } from './server-alphabet.ts';
import { nameOf } from './transitions.ts';

/** What a walk is about: which answers of the rules tell two of its states apart. */
export const THEMES = {
  elections: ({ votedFor, id, writes, campaign }: ServerState) => [
    votedFor === null || votedFor === id ? votedFor : 'another',
    campaign && [campaign.votes, campaign.isLeadershipTransfer, writes.durable < writes.decided],
  ],
  entries: (state: ServerState) => {
    const { log, writes, commitIndex, lastApplied, campaign, leadership } = state;
    return [
      campaign?.votes ?? null,
      distrustOf(state),
      commitIndex === log.lastIndex,
      leadership === null
        ? [writes.durableIndex === log.lastIndex, lastApplied === commitIndex]
        : [hasCommittedInTerm(state), knownOf(state), hearsFromQuorum(state), isAsked(state)],
    ];
  },
  snapshots: (state: ServerState) => {
    const { log, incoming, isTakingSnapshot, campaign, leadership } = state;
    return [
      campaign?.votes ?? null,
      isTakingSnapshot,
      leadership && log.base.index > 0,
      incoming && [incoming.storing !== null, incoming.nextOffset > 0],
      knownOf(state),
    ];
  },
} as const satisfies Record<string, (state: ServerState) => unknown>;

export type Theme = keyof typeof THEMES;

/** Whether a number was given out that would confirm the leader, and its first read. */
function isAsked({ leadership, requestId: number }: ServerState): unknown {
  return (
    leadership && [number > leadership.checkedAt, number > (leadership.reads[0]?.requestId ?? 0)]
  );
}

/** Who does not count, and whether anything was asked since that may prove the contrary. */
function distrustOf({ unreliable, requestId: number }: ServerState): unknown {
  return unreliable.map(({ id, noticedAt }) => [id, number > noticedAt]);
}

/** What a leader knows of b. */
function knownOf({ leadership, log }: ServerState): unknown {
  const known = leadership?.followers.find(({ id }) => id === 'b');
  return (
    known && [
      known.matchIndex > 0,
      known.matchIndex === log.lastIndex,
      known.transfer !== null,
      known.hasLostEntries,
    ]
  );
}

/** Where a snapshot stands, taken or received, is told apart where snapshots are the theme. */
const ABOUT_SNAPSHOTS = new Set(['snapshot.wanted', 'chunk.stored', 'chunk.rejected']);

/** Where it stands, what every guard would answer to all that may come, and the theme's answers. */
export function serverKey(machine: ServerMachine, snapshot: ServerSnapshot, theme: Theme): string {
  const { value, context } = snapshot;
  const asked = [...alphabet(snapshot), ...messagesTo(context)];
  const told = asked.filter(({ type }) => theme === 'snapshots' || !ABOUT_SNAPSHOTS.has(type));
  const answers = told.map((event) =>
    machine
      .getTransitionData(snapshot, event as ServerEvent)
      .map((transition) => nameOf(transition as never)),
  );
  return JSON.stringify([value, THEMES[theme](context), answers]);
}
