/** How stories look at a frame. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Message } from '../../../machines/rules/messages.ts';
import type { ClientCall, Flight, Frame, ServerFrame, Timer } from '../frame.ts';

export function serverAt({ servers, number }: Frame, id: ServerId): ServerFrame {
  const server = servers.find((each) => each.id === id);
  if (server !== undefined) return server;
  throw new TypeError(`There is no server ${id} at event ${number}`);
}

export function leadersOf({ servers }: Frame): readonly ServerFrame[] {
  return servers.filter(({ condition, role }) => condition === 'running' && role === 'leader');
}

/** The one of the newest term, if any leads. */
export function newestLeaderOf(frame: Frame): ServerFrame | null {
  return leadersOf(frame).toSorted((a, b) => b.currentTerm - a.currentTerm)[0] ?? null;
}

/** @throws TypeError when nobody leads */
export function leaderIn(frame: Frame): ServerFrame {
  const leader = newestLeaderOf(frame);
  if (leader !== null) return leader;
  throw new TypeError(`Nobody leads at event ${frame.number}`);
}

/** The terms of its entries, as the paper's figures draw logs: `1 1 2`. */
export function termsOf({ log }: ServerFrame): string {
  return log
    .slice(log.firstIndex)
    .map(({ term }) => term)
    .join(' ');
}

export function commitIndexOf({ state }: ServerFrame): number {
  return state?.commitIndex ?? 0;
}

/** Who has granted it a vote, or said that they would. */
export function votesOf({ state }: ServerFrame): readonly ServerId[] {
  return [...(state?.campaign?.votes ?? [])].sort();
}

/** Whether it gives no vote, since it hears from a leader (thesis §4.2.3). */
export function withholdsVotes({ state }: ServerFrame): boolean {
  return state !== null && state.heardLeader !== null;
}

export function valueAt({ pairs }: ServerFrame, key: string): string | null {
  return pairs.find((pair) => pair.key === key)?.value ?? null;
}

export function serverIdsOf(servers: readonly { readonly id: ServerId }[]): readonly ServerId[] {
  return servers.map(({ id }) => id);
}

/** `a`, `a and b`, `a, b and c`. */
export function inWords(ids: readonly ServerId[]): string {
  if (ids.length < 2) return ids.join('');
  return `${ids.slice(0, -1).join(', ')} and ${ids.at(-1)}`;
}

/** Everybody that runs has applied the leader's whole log. */
export function isSettled(frame: Frame): boolean {
  const leader = newestLeaderOf(frame);
  return (
    leader !== null &&
    frame.servers
      .filter(({ condition }) => condition === 'running')
      .every(
        (server) =>
          server.appliedIndex === leader.log.lastIndex && termsOf(server) === termsOf(leader),
      )
  );
}

/** Somebody leads, and has committed an entry of its own term. */
export function isLed(frame: Frame): boolean {
  const leader = newestLeaderOf(frame);
  if (leader === null) return false;
  return leader.log.termAt(commitIndexOf(leader)) === leader.currentTerm;
}

export function callIn({ calls, number }: Frame, callNumber: number): ClientCall {
  const call = calls.find((each) => each.number === callNumber);
  if (call !== undefined) return call;
  throw new TypeError(`There is no call ${callNumber} at event ${number}`);
}

/** The messages under way that carry an entry at that index. */
export function carriersOf({ flights }: Frame, index: number, to?: ServerId): readonly Flight[] {
  return flights.filter(
    ({ message }) => carries(message, index) && (to === undefined || message.to === to),
  );
}

function carries(message: Message, index: number): boolean {
  return message.type === 'AppendEntries' && message.entries.some((entry) => entry.index === index);
}

/** The delay of its server machine that ends first: while it does not lead, its election timer. */
export function timerOf({ id, timers }: ServerFrame): Timer {
  const [timer] = timers
    .filter(({ actor }) => actor === 'server')
    .toSorted((a, b) => a.dueAtMs - b.dueAtMs);
  if (timer !== undefined) return timer;
  throw new TypeError(`No timer of ${id} is running`);
}
