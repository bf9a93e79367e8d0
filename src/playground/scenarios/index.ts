/** The scenarios, in the order in which they are best seen. */
import { crashedLeader } from './crashed-leader.ts';
import { figure7 } from './figure-7.ts';
import { figure8Committed, figure8Overwritten } from './figure-8.ts';
import { firstElection } from './first-election.ts';
import type { Scenario } from './scenario.ts';
import { splitVote } from './split-vote.ts';
import { staleLeader } from './stale-leader.ts';

export { type PlayedScenario, playScenario } from './play-scenario.ts';
export type { Beginning, Caption, Director, Scenario } from './scenario.ts';

export const SCENARIOS: readonly Scenario[] = [
  firstElection,
  splitVote,
  crashedLeader,
  staleLeader,
  figure7,
  figure8Overwritten,
  figure8Committed,
];

/** Of that id; null when there is none. */
export function scenarioOf(id: string): Scenario | null {
  return SCENARIOS.find((scenario) => scenario.id === id) ?? null;
}
