/** What several panels ask of a frame. */
import type { Frame, ServerFrame } from '../frame.ts';
import { inWords } from '../scenarios/scenario-run.ts';

function leads({ role, condition }: ServerFrame): boolean {
  return role === 'leader' && condition !== 'down';
}

/** The running leader of the newest term. */
export function currentLeader(servers: readonly ServerFrame[]): ServerFrame | null {
  const leaders = servers.filter(leads);
  return leaders.toSorted((one, other) => other.currentTerm - one.currentTerm)[0] ?? null;
}

/** One line over the ring. */
export function situation({ servers }: Frame): string {
  const leader = currentLeader(servers);
  const term = Math.max(...servers.map(({ currentTerm }) => currentTerm));
  if (leader !== null) {
    const also = servers
      .filter((server) => leads(server) && server.id !== leader.id)
      .map(({ id, currentTerm }) => `${id} still believes that it leads term ${currentTerm}`);
    const first = `${leader.id} leads term ${leader.currentTerm}`;
    const isStale = leader.currentTerm < term;
    return [isStale ? `${first}; term ${term} has begun` : first, ...also].join(' · ');
  }
  if (servers.every(({ condition }) => condition === 'down')) return 'Every server is down';
  const asked = [asking(servers, 'pre-votes'), asking(servers, 'votes')].filter(Boolean);
  return asked.length === 0 ? 'Nobody leads: whose timer expires first?' : asked.join('; ');
}

/** Which servers ask for them; empty when none does. */
function asking(servers: readonly ServerFrame[], what: 'pre-votes' | 'votes'): string {
  const ids = servers
    .filter(({ state, currentTerm }) => {
      const term = state?.campaign?.term;
      return term !== undefined && term > currentTerm === (what === 'pre-votes');
    })
    .map(({ id }) => id);
  if (ids.length === 0) return '';
  return `${inWords(ids)} ${ids.length === 1 ? 'asks' : 'ask'} for ${what}`;
}
