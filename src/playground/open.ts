/** A recording of any script: one that begins as a scenario does, too. */
import { Recording, type RecordingOptions } from './recording.ts';
import { scenarioOf } from './scenarios/index.ts';
import type { Script } from './script.ts';

/** @throws TypeError when there is no such scenario */
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
