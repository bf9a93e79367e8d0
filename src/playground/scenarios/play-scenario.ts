/** Performs a scenario: a tape of it, the script that a link can carry, and what is said at which event. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { ServerMachine } from '../../../machines/server.ts';
import type { Happening } from '../../feed/happenings.ts';
import type { Action } from '../action.ts';
import type { Frame } from '../frame.ts';
import { Recording } from '../recording.ts';
import type { Script } from '../script.ts';
import type { Caption, Director, Scenario } from './scenario.ts';

export interface PlayedScenario {
  readonly recording: Recording;
  readonly script: Script;
  /** By event; there is one at event 0, and never two at one event. */
  readonly captions: readonly Caption[];
}

/** So long nobody waits for anything: the longest story has a tenth of it. */
const EVENTS_MAX = 5_000;

export interface PlayOptions {
  /** The server machine with parts replaced. */
  readonly machine?: ServerMachine;
}

/**
 * The same scenario gives the same events, anywhere.
 * @throws Error when the run is not as the story says
 */
export async function playScenario(
  scenario: Scenario,
  options: PlayOptions = {},
): Promise<PlayedScenario> {
  const { id, begin, play: story } = scenario;
  const { seed, servers, ...setting } = begin;
  const script = { seed, servers, scenario: id, actions: [] };
  const recording = await Recording.start(script, { ...options, setting });
  const director = new RecordingDirector(id, recording);
  await story(director);
  return { recording, script: recording.script, captions: director.captions };
}

class RecordingDirector implements Director {
  readonly captions: Caption[] = [];
  readonly happenings: Happening[] = [];
  readonly #scenario: string;
  readonly #recording: Recording;

  constructor(scenario: string, recording: Recording) {
    this.#scenario = scenario;
    this.#recording = recording;
  }

  get frame(): Frame {
    return this.#recording.last;
  }

  async until(what: string, isSo: (frame: Frame) => boolean): Promise<void> {
    while (!isSo(this.frame)) {
      const next = await this.#recording.advance();
      if (next === null || next.violation !== null || next.number > EVENTS_MAX) {
        throw this.#lost(`there was still no “${what}”`);
      }
      this.happenings.push(...next.happenings);
    }
  }

  async perform(action: Action): Promise<void> {
    const acted = await this.#recording.act(this.frame.number, action);
    if ('problem' in acted) throw this.#lost(acted.problem);
    this.happenings.push(...acted.frame.happenings);
  }

  say(title: string, text: string, server?: ServerId): void {
    const { number: at } = this.frame;
    if (at <= (this.captions.at(-1)?.at ?? -1))
      throw this.#lost(`“${title}” is the second caption`);
    this.captions.push({
      at,
      title,
      text: unbroken(text),
      ...(server !== undefined && { server }),
    });
  }

  #lost(what: string): Error {
    const { number, atMs, violation } = this.frame;
    const end = violation === null ? '' : `; the run had ended: ${violation.sentence}`;
    return new Error(
      `The story of “${this.#scenario}” has lost its thread: at event ${number} (${atMs} ms) ${what}${end}`,
    );
  }
}

/** No line ends within `x = 1`. */
function unbroken(text: string): string {
  return text.replaceAll(/\b(\w) = (\w)\b/g, '$1\u00a0=\u00a0$2');
}
