/** Which run the page shows: a free one, a scenario, or what a link brought; and how to leave it. */
import type { ServerId } from '#rules/entries';
import type { Action } from '../action.ts';
import { problemOf } from '../action-rules.ts';
import type { Frame } from '../frame.ts';
import { fragmentOf, type Link, readFragment } from '../link.ts';
import { openRecording } from '../open.ts';
import type { Progress, Recording } from '../recording.ts';
import { type Caption, SCENARIOS } from '../scenarios/index.ts';
import type { Script } from '../script.ts';
import { isSeparated } from './ring/links.tsx';
import { Stage } from './stage.ts';
import { performed, type Story, storyOf } from './story.ts';

export interface RunChoice {
  readonly scenario: string | null;
  readonly servers: number;
  readonly seed: number;
}

/** At that speed the first leader is there after three to five seconds. */
const DEFAULT_SPEED = 1 / 10;
const DEFAULT_CHOICE: RunChoice = { scenario: null, servers: 5, seed: 2 };

interface Run {
  readonly tape: Recording;
  readonly story: Story | null;
  readonly at: number;
}

/** A server chosen, and at which event's caption. */
interface Chosen {
  readonly server: ServerId | null;
  readonly under: number | null;
}

export class Session {
  readonly stage: Stage;
  readonly scenarios: readonly { readonly id: string; readonly title: string }[] = SCENARIOS;
  /** What the page has to say about a link. */
  complaint: string | null = null;
  story: Story | null;
  /** The run that was asked for last, until it is there. */
  #wish: { readonly choice: RunChoice } | null = null;
  #chosen: Chosen | null = null;

  private constructor(run: Run) {
    this.story = run.story;
    this.stage = new Stage(run.tape, DEFAULT_SPEED);
    this.#show(run);
  }

  /** What the fragment of the address says; a run of the page's own when it says nothing. */
  static async open(fragment: string, onProgress: Progress): Promise<Session> {
    const link = readFragment(fragment);
    if (link === null || 'error' in link) {
      const session = new Session(await begin(DEFAULT_CHOICE));
      session.complaint = link === null ? null : link.error;
      return session;
    }
    const session = new Session(await atHand(await follow(link, onProgress)));
    session.#look(link);
    return session;
  }

  /** What was chosen last: by hand or by a link, or by the story when it turned to somebody else. */
  get selected(): ServerId | null {
    const hero = this.#hero;
    const isByHand = hero === null || this.#chosen?.under === hero.at;
    return (isByHand ? this.#chosen?.server : hero.server) ?? null;
  }

  set selected(server: ServerId | null) {
    this.#chosen = { server, under: this.#hero?.at ?? null };
  }

  /** The caption that says whom the story is about just now. */
  get #hero(): Caption | null {
    const { at } = this.stage.player;
    const isSaid = (caption: Caption) => caption.at <= at && caption.server !== undefined;
    return this.story?.captions.findLast(isSaid) ?? null;
  }

  /** Of the run that is shown, or will be. */
  get choice(): RunChoice {
    return this.#wish?.choice ?? choiceOf(this.stage.player.tape.script);
  }

  async start(choice: RunChoice): Promise<void> {
    const run = await this.#turnTo(choice, () => begin(choice));
    if (run === null) return;
    // A story waits until its first words have been read.
    if (run.story === null) this.stage.player.play();
    else this.#chosen = null;
  }

  /** Another link in the address of the same page. */
  async follow(fragment: string): Promise<void> {
    const link = readFragment(fragment);
    if (link === null) return;
    if ('error' in link) {
      this.say(link.error);
      return;
    }
    this.stage.player.pause();
    const run = await this.#turnTo(choiceOf(link.script), () => follow(link, () => undefined));
    if (run !== null) this.#look(link);
  }

  async act(action: Action): Promise<void> {
    const { player } = this.stage;
    const { servers } = player.tape.script;
    const problem = problemOf(action, servers) ?? hindrance(action, player.frame);
    if (problem !== null) {
      this.say(`That cannot be done: ${problem}.`);
      return;
    }
    await player.act(action);
    const { script } = player.tape;
    const story = await storyOf(script);
    if (script !== player.tape.script) return; // Something else was done, or is shown, by now.
    this.story = story;
    this.stage.redraw();
  }

  /** The story as it is told, where the run left it. */
  async rejoin(): Promise<void> {
    const { story, choice } = this;
    if (story === null) return;
    const at = story.captions.at(-1)?.at ?? 0;
    await this.#turnTo(choice, async () => ({ ...(await begin(choice)), at }));
  }

  /** The old script, played again up to where it was; false when there is no fork to undo. */
  async undo(): Promise<boolean> {
    const { player } = this.stage;
    await player.settled();
    const { fork } = player;
    if (fork === null) return false;
    const { script, after, lost } = fork;
    await this.#turnTo(choiceOf(script), async () => {
      const tape = await played(script, after + lost);
      return { tape, story: await storyOf(script), at: after };
    });
    return true;
  }

  /** The fragment of what one sees; what is wrong when no link can carry it. */
  link(): string | { readonly error: string } {
    const { tape, at, speed } = this.stage.player;
    const isUsual = speed === DEFAULT_SPEED;
    return fragmentOf({
      script: tape.script,
      at,
      selected: this.selected,
      speed: isUsual ? null : speed,
    });
  }

  say(complaint: string | null): void {
    this.complaint = complaint;
    this.stage.redraw();
  }

  #look({ speed, selected }: Link): void {
    if (speed !== null) this.stage.player.setSpeed(speed);
    this.#chosen = null;
    if (selected !== null) this.selected = selected;
  }

  /** Shows another run, standing still; null when still another one was asked for meanwhile. */
  async #turnTo(choice: RunChoice, make: () => Promise<Run>): Promise<Run | null> {
    const wish = { choice };
    this.#wish = wish;
    try {
      const run = await atHand(await make());
      if (wish !== this.#wish) return null;
      this.stage.player.pause();
      this.complaint = null;
      this.#show(run);
      return run;
    } finally {
      if (wish === this.#wish) this.#wish = null;
    }
  }

  #show({ tape, story, at }: Run): void {
    this.story = story;
    this.stage.player.load(tape, at, stopsOf(story));
  }
}

/** Why it would change nothing just now. */
function hindrance(action: Action, { cuts }: Frame): string | null {
  if (action.type !== 'cut' && action.type !== 'restore') return null;
  const { from, to } = action;
  if (!isSeparated(cuts, from, to)) return null;
  return `groups separate ${from} and ${to}, so change the groups or restore all links`;
}

function choiceOf({ scenario, servers, seed }: Script): RunChoice {
  return { scenario, servers, seed };
}

async function begin(choice: RunChoice): Promise<Run> {
  const { scenario, servers, seed } = choice;
  if (scenario === null) {
    const tape = await openRecording({ seed, servers, scenario, deeds: [] });
    return { tape, story: null, at: 0 };
  }
  const { script, recording } = await performed(scenario);
  return { tape: await played(script, recording.length), story: await storyOf(script), at: 0 };
}

async function follow({ script, at }: Link, onProgress: Progress): Promise<Run> {
  const last = script.deeds.at(-1);
  const story = await storyOf(script);
  // What the story still has in store is there, so that acting says what is lost of it.
  const through = Math.max(at, (last?.after ?? -1) + 1, story?.through ?? 0);
  const tape = await played(script, through, onProgress);
  return { tape, story, at: Math.min(at, tape.length) };
}

/** Of a long run the newest frames only are kept. */
async function atHand(run: Run): Promise<Run> {
  await run.tape.recall(run.at);
  return run;
}

async function played(script: Script, through: number, onProgress?: Progress): Promise<Recording> {
  const tape = await openRecording(script);
  await tape.advanceTo(through, onProgress);
  return tape;
}

function stopsOf(story: Story | null): readonly number[] {
  return story === null ? [] : story.captions.map(({ at }) => at);
}
