/** What the ring shows of a server, in words and numbers: few, so that it is drawn seldom. */
import { memberIds } from '../../../../machines/rules/configuration.ts';
import type { ServerFrame } from '../../frame.ts';

/** Which stretch of silence is running out: while `following` nobody worries yet. */
export type TimerLook = 'none' | 'calm' | 'restless';

export interface ServerLook {
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

export function lookOf(server: ServerFrame): ServerLook {
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
export function roleWords({ condition, role, campaign }: ServerLook): string {
  if (condition === 'down') return 'down';
  if (condition === 'paused') return role === 'leader' ? 'paused leader' : 'paused';
  if (campaign === null) return role;
  return `${campaign.votes.length} of ${neededIn(campaign)} needed`;
}

function neededIn({ voters }: NonNullable<ServerLook['campaign']>): number {
  return Math.floor(voters.length / 2) + 1;
}

/** For those who hear the page. */
export function sentence(look: ServerLook): string {
  const { id, term, role, condition } = look;
  const what = condition === 'running' ? role : `${condition}, ${role}`;
  return `Server ${id}: ${condition === 'down' ? 'down' : what}, term ${term}${campaignWords(look)}`;
}

function campaignWords({ id, campaign }: ServerLook): string {
  if (campaign === null) return '';
  const { isPreVote, votes, voters } = campaign;
  const kind = isPreVote ? 'pre-votes' : 'votes';
  const words = `, ${votes.length} of the ${neededIn(campaign)} ${kind} it needs`;
  // A vote counts once it is durable, a candidate's own too.
  const isPending = !isPreVote && voters.includes(id) && !votes.includes(id);
  return isPending ? `${words}; its own vote is not on disk yet` : words;
}
