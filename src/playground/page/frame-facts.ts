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
  const asked = [asking(frame, 'pre-votes'), asking(frame, 'votes')].filter((each) => each !== '');
  return asked.length === 0 ? 'Nobody leads: whose timer runs out first?' : asked.join('; ');
}

/** Who asks for them; empty when nobody does. */
function asking({ servers }: Frame, what: 'pre-votes' | 'votes'): string {
  const ids = servers
    .filter(({ state, currentTerm }) => {
      const term = state?.campaign?.term;
      return term !== undefined && term > currentTerm === (what === 'pre-votes');
    })
    .map(({ id }) => id);
  if (ids.length === 0) return '';
  return `${listed(ids)} ${ids.length === 1 ? 'asks' : 'ask'} for ${what}`;
}

function listed(ids: readonly string[]): string {
  const last = ids.at(-1) ?? '';
  return ids.length < 2 ? last : `${ids.slice(0, -1).join(', ')} and ${last}`;
}
