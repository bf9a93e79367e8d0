/** What several panels ask of a frame. */
import type { Frame, ServerFrame } from '../frame.ts';

/** The running leader of the newest term. */
export function leaderOf({ servers }: Frame): ServerFrame | null {
  return servers
    .filter(({ role, condition }) => role === 'leader' && condition !== 'down')
    .reduce<ServerFrame | null>(
      (best, each) => (best === null || each.currentTerm > best.currentTerm ? each : best),
      null,
    );
}

/** One line over the ring. */
export function situation(frame: Frame): string {
  const leader = leaderOf(frame);
  const term = Math.max(...frame.servers.map(({ currentTerm }) => currentTerm));
  if (leader !== null) {
    const isStale = leader.currentTerm < term;
    const others = frame.servers.filter(
      ({ role, condition, id }) => role === 'leader' && condition !== 'down' && id !== leader.id,
    );
    const also = others.map(
      ({ id, currentTerm }) => `${id} still thinks it leads term ${currentTerm}`,
    );
    const first = `${leader.id} leads term ${leader.currentTerm}`;
    return [isStale ? `${first}; term ${term} has begun` : first, ...also].join(' · ');
  }
  if (frame.servers.every(({ condition }) => condition === 'down')) return 'Every server is down';
  const candidates = frame.servers.filter(({ role }) => role === 'candidate').map(({ id }) => id);
  if (candidates.length === 0) return 'Nobody leads: whose timer runs out first?';
  return `${candidates.join(', ')} ${candidates.length === 1 ? 'asks' : 'ask'} for votes`;
}
