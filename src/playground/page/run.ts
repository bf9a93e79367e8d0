/** A run as the page has it: its recording, the story that it follows, and where in it one stands. */

import type { RunLink } from '../link.ts';
import type { OnProgress, Recording } from '../recording.ts';
import {
  type Caption,
  openRecording,
  type PlayedScenario,
  playScenario,
  scenarioOf,
} from '../scenarios/index.ts';
import type { Script, ScriptedAction } from '../script.ts';

export type RunChoice = Omit<Script, 'actions'>;

export interface LoadedRun {
  readonly recording: Recording;
  readonly story: ScenarioProgress | null;
  readonly at: number;
}

/** What one sees, to come back to: a link to it, and the last event that there was. */
export interface Bookmark extends RunLink {
  readonly through: number;
}

export const USUAL_CHOICE: RunChoice = { scenario: null, servers: 5, seed: 2 };

/** From its beginning; with all of the story if it tells one. */
export async function begin(choice: RunChoice, onProgress?: OnProgress): Promise<LoadedRun> {
  if (choice.scenario === null) {
    const recording = await openRecording({ ...choice, actions: [] });
    return { recording, story: null, at: 0 };
  }
  const { script, recording } = await performed(choice.scenario);
  return runAt({ script, at: 0, through: recording.length }, onProgress);
}

/** Played again up to there, and to whatever else its script has in store. */
export async function runAt(
  { script, at, through = 0 }: Pick<RunLink, 'script' | 'at'> & Partial<Bookmark>,
  onProgress?: OnProgress,
): Promise<LoadedRun> {
  const last = script.actions.at(-1);
  const story = await progressOf(script);
  // What the story still has in store is there, so that acting says what is lost of it.
  const end = Math.max(at, through, (last?.after ?? -1) + 1, story?.through ?? 0);
  const recording = await openRecording(script);
  await recording.advanceTo(end, onProgress);
  const run = { recording, story, at: Math.min(at, recording.length) };
  await recording.recall(run.at, onProgress); // Of a long run the newest frames only are kept.
  return run;
}

export interface ScenarioProgress {
  readonly title: string;
  readonly about: string;
  /** As many as the run still has in common with the story. */
  readonly captions: readonly Caption[];
  /** How many the whole story has. */
  readonly length: number;
  /** Its last event in common. */
  readonly through: number;
}

const told = new Map<string, Promise<PlayedScenario>>();

/**
 * Performed once, however often it is asked for.
 * @throws TypeError when there is no such scenario
 */
export function performed(id: string): Promise<PlayedScenario> {
  const scenario = scenarioOf(id);
  if (scenario === null) throw new TypeError(`There is no scenario ${id}`);
  const telling = told.get(id) ?? playScenario(scenario);
  told.set(id, telling);
  return telling;
}

/** As far as the script follows the scenario; from where it goes its own way nothing is said. */
export async function progressOf({
  scenario: id,
  actions,
}: Script): Promise<ScenarioProgress | null> {
  const scenario = id === null ? null : scenarioOf(id);
  if (scenario === null) return null;
  const { script, captions, recording } = await performed(scenario.id);
  const until = partingOf(script.actions, actions);
  const { title, about } = scenario;
  return {
    title,
    about,
    captions: captions.filter(({ at }) => at <= until),
    length: captions.length,
    through: Math.min(until, recording.length),
  };
}

/** What was done by hand, and not by the story. */
export async function ownActions({
  scenario: id,
  actions,
}: Script): Promise<readonly ScriptedAction[]> {
  if (id === null || scenarioOf(id) === null) return actions;
  const until = partingOf((await performed(id)).script.actions, actions);
  return actions.filter(({ after }) => after >= until);
}

/** The last event that both have. */
function partingOf(one: readonly ScriptedAction[], other: readonly ScriptedAction[]): number {
  const longest = Math.max(one.length, other.length);
  for (let at = 0; at < longest; at += 1) {
    const [a, b] = [one[at], other[at]];
    if (JSON.stringify(a) === JSON.stringify(b)) continue;
    return Math.min(a?.after ?? Number.POSITIVE_INFINITY, b?.after ?? Number.POSITIVE_INFINITY);
  }
  return Number.POSITIVE_INFINITY;
}
