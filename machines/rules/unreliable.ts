/**
 * Servers whose storage has lost what they had acknowledged (ours; §5.1 takes stable storage for
 * granted). Whoever notices, as their leader, lets them count in no majority: not for commitment
 * (§5.3), not for reads and the quorum check (thesis §6.2, §6.4), and their votes elect nobody (§5.2),
 * since with the entries they may have lost a newer term, or a vote in it.
 *
 * One counts again when it accepts a request sent after the loss was noticed, and has then on its disk
 * everything through the greatest index it ever acknowledged to us. That is safe: whatever we counted
 * on is there again (Log Matching, §5.3), and its answer to that request shows that it is still in our
 * term. Neither part is enough alone. An acceptance from before the loss may arrive late, with a greater
 * index than any before; and one that has a part of it again has not what was counted.
 *
 * `matchIndex` itself never falls: it says what was acknowledged, and this says whether it counts.
 */
import type { LogIndex, ServerId } from './entries.ts';
import { type Follower, leadershipOf, type ServerState, type UnreliableServer } from './state.ts';

/** Whether that server counts in a majority, for all we know. */
export function isReliable(state: ServerState, id: ServerId): boolean {
  return !state.unreliable.some((server) => server.id === id);
}

/** The followers that count, as their leader knows them. */
export function reliableFollowers(state: ServerState): readonly Follower[] {
  return leadershipOf(state).followers.filter(({ id }) => isReliable(state, id));
}

/** A loss that is noticed again raises the bar for what proves the contrary. */
export function distrust(
  state: ServerState,
  { id, matchIndex }: { readonly id: ServerId; readonly matchIndex: LogIndex },
): ServerState {
  const known = state.unreliable.find((server) => server.id === id);
  const acknowledged = Math.max(matchIndex, known?.acknowledged ?? 0);
  const noted: UnreliableServer = { id, acknowledged, noticedAt: state.requestId };
  return { ...state, unreliable: [...others(state, id), noted] };
}

/** Whether an answer to request `number` proves that it has again what it had acknowledged. */
export function hasCaughtUp(
  state: ServerState,
  { id, matchIndex }: { readonly id: ServerId; readonly matchIndex: LogIndex },
  answer: { readonly requestId: number; readonly matchIndex: LogIndex },
): boolean {
  const known = state.unreliable.find((server) => server.id === id);
  if (known === undefined) return false;
  const acknowledged = Math.max(matchIndex, known.acknowledged);
  return answer.requestId > known.noticedAt && answer.matchIndex >= acknowledged;
}

/** It has shown that it has again what it had acknowledged: it counts. */
export function trustAgain(state: ServerState, id: ServerId): ServerState {
  return { ...state, unreliable: others(state, id) };
}

function others(state: ServerState, id: ServerId): readonly UnreliableServer[] {
  return state.unreliable.filter((server) => server.id !== id);
}
