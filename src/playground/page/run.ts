/** A run as the page has it: its tape, the story that it follows, and where in it one stands. */
import type { RunLink } from '../link.ts';
import type { OnProgress, Recording } from '../recording.ts';
import { openRecording } from '../scenarios/index.ts';
import type { Script } from '../script.ts';
import { performed, type Story, storyOf } from './story.ts';

export interface RunChoice {
  readonly scenario: string | null;
  readonly servers: number;
  readonly seed: number;
}

export interface Run {
  readonly tape: Recording;
  readonly story: Story | null;
  readonly at: number;
}

/** A moment of a run; with a link's limits or without. */
export interface Place extends Omit<RunLink, 'speed' | 'selected'> {
  /** The last event there was. */
  readonly through?: number;
}

export const USUAL_CHOICE: RunChoice = { scenario: null, servers: 5, seed: 2 };

export function choiceOf({ scenario, servers, seed }: Script): RunChoice {
  return { scenario, servers, seed };
}

/** From its beginning; with all of the story if it tells one. */
export async function begin(choice: RunChoice, onProgress?: OnProgress): Promise<Run> {
  const { scenario, servers, seed } = choice;
  if (scenario === null) {
    const tape = await openRecording({ seed, servers, scenario, actions: [] });
    return { tape, story: null, at: 0 };
  }
  const { script, recording } = await performed(scenario);
  return runAt({ script, at: 0, through: recording.length }, onProgress);
}

/** Played again up to there, and to whatever else its script has in store. */
export async function runAt(
  { script, at, through = 0 }: Place,
  onProgress?: OnProgress,
): Promise<Run> {
  const last = script.actions.at(-1);
  const story = await storyOf(script);
  // What the story still has in store is there, so that acting says what is lost of it.
  const end = Math.max(at, through, (last?.after ?? -1) + 1, story?.through ?? 0);
  const tape = await openRecording(script);
  await tape.advanceTo(end, onProgress);
  const run = { tape, story, at: Math.min(at, tape.length) };
  await tape.recall(run.at, onProgress); // Of a long run the newest frames only are kept.
  return run;
}

/** Where playing stops by itself. */
export function stopsOf({ story }: Run): readonly number[] {
  return story === null ? [] : story.captions.map(({ at }) => at);
}
