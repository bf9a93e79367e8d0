/** The scenarios, in the order in which they are best seen. */
import type { ServerMachine } from '../../../machines/server.ts';
import { Recording, type RecordingOptions } from '../recording.ts';
import type { Script } from '../script.ts';
import { crashedLeader } from './crashed-leader.ts';
import { figure7 } from './figure-7.ts';
import { figure8Committed, figure8Overwritten } from './figure-8.ts';
import { firstElection } from './first-election.ts';
import { type Caption, type Scenario, ScenarioRun } from './scenario-run.ts';
import { splitVote } from './split-vote.ts';
import { staleLeader } from './stale-leader.ts';

export type { Caption, Scenario } from './scenario-run.ts';

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

/**
 * A recording of any script, also of one that begins as a scenario does.
 * @throws TypeError when there is no such scenario
 */
export async function openRecording(
  script: Script,
  options: Omit<RecordingOptions, 'setting'> = {},
): Promise<Recording> {
  if (script.scenario === null) return Recording.start(script, options);
  const scenario = scenarioOf(script.scenario);
  if (scenario === null) throw new TypeError(`There is no scenario ${script.scenario}`);
  const { seed: _seed, servers: _servers, ...setting } = scenario.begin;
  return Recording.start(script, { ...options, setting });
}

export interface PlayedScenario {
  readonly recording: Recording;
  readonly script: Script;
  /** By event; there is one at event 0, and never two at one event. */
  readonly captions: readonly Caption[];
}

/**
 * The same scenario gives the same events, anywhere.
 * @param options.machine - the server machine with parts replaced
 * @throws Error when the run is not as the scenario says
 */
export async function playScenario(
  scenario: Scenario,
  options: { readonly machine?: ServerMachine } = {},
): Promise<PlayedScenario> {
  const { id, begin } = scenario;
  const { seed, servers, ...setting } = begin;
  const script = { seed, servers, scenario: id, actions: [] };
  const recording = await Recording.start(script, { ...options, setting });
  const run = new ScenarioRun(id, recording);
  await scenario.play(run);
  return { recording, script: recording.script, captions: run.captions };
}
