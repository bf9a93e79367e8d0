/** What the ring shows of a server, in words and numbers: few, so that it is drawn seldom. */
import { memberIds } from '#rules/configuration';
import type { ServerFrame } from '../../frame.ts';

/** Which stretch of silence is running out: while `hearing` nobody worries yet. */
export type TimerLook = 'none' | 'calm' | 'restless';

export interface Look {
  readonly id: string;
  readonly term: number;
  readonly condition: ServerFrame['condition'];
  readonly role: ServerFrame['role'];
  readonly timer: TimerLook;
  /** Of a campaign: who has voted for it, and for how many it waits. */
  readonly campaign: {
    readonly isPreVote: boolean;
    readonly votes: readonly string[];
    readonly voters: readonly string[];
  } | null;
}

export function lookOf(server: ServerFrame): Look {
  const { id, currentTerm: term, condition, role, state } = server;
  const campaign = state?.campaign ?? null;
  return {
    id,
    term,
    condition,
    role,
    timer: timerOf(server),
    campaign: campaign && {
      isPreVote: campaign.term > term,
      votes: campaign.votes,
      voters: memberIds(server.log.configuration),
    },
  };
}

function timerOf({ role, condition, timers }: ServerFrame): TimerLook {
  if (condition === 'down' || role === 'leader') return 'none';
  const timer = timers.find(({ actor }) => actor === 'server');
  if (timer === undefined) return 'none';
  return timer.delay === 'electionTimeoutMin' ? 'calm' : 'restless';
}

/** Under its name. */
export function roleWords({ condition, role, campaign }: Look): string {
  if (condition === 'down') return 'down';
  if (condition === 'paused') return role === 'follower' ? 'paused' : `paused ${role}`;
  if (campaign === null) return role;
  const majority = Math.floor(campaign.voters.length / 2) + 1;
  const kind = campaign.isPreVote ? 'pre-votes' : 'votes';
  return `${campaign.votes.length}/${majority} ${kind}`;
}

/** For those who hear the page. */
export function sentence(look: Look): string {
  const { id, term, role, condition } = look;
  const what = condition === 'running' ? role : `${condition}, ${role}`;
  const votes = look.campaign === null ? '' : `, ${roleWords(look)}`;
  return `Server ${id}: ${condition === 'down' ? 'down' : what}, term ${term}${votes}`;
}
