/** A scenario as the page tells it: what is said at which event of a run that began as it does. */
import { type Caption, type PlayedScenario, playScenario, scenarioOf } from '../scenarios/index.ts';
import type { Script, ScriptedAction } from '../script.ts';

export interface Story {
  readonly title: string;
  readonly about: string;
  /** As many as the run still has in common with the story. */
  readonly captions: readonly Caption[];
  /** How many the whole story has. */
  readonly length: number;
  /** Its last event in common. */
  readonly through: number;
}

/** Whether the run goes its own way before the story has come to its end. */
export function isLeft({ captions, length }: Story): boolean {
  return captions.length < length;
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
export async function storyOf({ scenario: id, actions: deeds }: Script): Promise<Story | null> {
  const scenario = id === null ? null : scenarioOf(id);
  if (scenario === null) return null;
  const { script, captions, recording } = await performed(scenario.id);
  const until = partingOf(script.actions, deeds);
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
export async function ownDeeds({
  scenario: id,
  actions: deeds,
}: Script): Promise<readonly ScriptedAction[]> {
  if (id === null || scenarioOf(id) === null) return deeds;
  const until = partingOf((await performed(id)).script.actions, deeds);
  return deeds.filter(({ after }) => after >= until);
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
