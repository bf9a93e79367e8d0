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
  #chosen: Chosen | null = null;

  private constructor({ tape, story }: Run) {
    this.story = story;
    this.stage = new Stage(tape, DEFAULT_SPEED);
  }

  /** What the fragment of the address says; a run of the page's own when it says nothing. */
  static async open(fragment: string, onProgress: Progress): Promise<Session> {
    const link = readFragment(fragment);
    if (link === null || 'error' in link) {
      const session = await Session.#of(await begin(DEFAULT_CHOICE));
      session.complaint = link === null ? null : link.error;
      return session;
    }
    const session = await Session.#of(await follow(link, onProgress));
    session.#look(link);
    return session;
  }

  /** Where it is to stand already, for the first picture. */
  static async #of(run: Run): Promise<Session> {
    const session = new Session(run);
    await session.stage.player.load(run.tape, run.at, stopsOf(run.story));
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

  get choice(): RunChoice {
    const { scenario, servers, seed } = this.stage.player.tape.script;
    return { scenario, servers, seed };
  }

  async start(choice: RunChoice): Promise<void> {
    const run = await begin(choice);
    if (run.story !== null) {
      this.stage.player.pause(); // Until its first words have been read.
      this.#chosen = null;
    }
    await this.#show(run);
    if (run.story === null) this.stage.player.play();
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
    await this.#show(await follow(link, () => undefined));
    this.#look(link);
  }

  async act(action: Action): Promise<void> {
    const { player } = this.stage;
    const problem = problemOf(action, this.choice.servers) ?? hindrance(action, player.frame);
    if (problem !== null) {
      this.say(`That cannot be done: ${problem}.`);
      return;
    }
    await player.act(action);
    this.story = await storyOf(player.tape.script);
    this.stage.redraw();
  }

  /** The story as it is told, where the run left it. */
  async rejoin(): Promise<void> {
    const { story, choice } = this;
    if (story === null) return;
    this.stage.player.pause();
    await this.#show({ ...(await begin(choice)), at: story.captions.at(-1)?.at ?? 0 });
  }

  /** The old script, played again up to where it was. */
  async undo(): Promise<void> {
    const { player } = this.stage;
    const { fork } = player;
    if (fork === null) return;
    const tape = await openRecording(fork.script);
    await tape.advanceTo(fork.after + fork.lost);
    player.pause();
    await this.#show({ tape, story: await storyOf(fork.script), at: fork.after });
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

  async #show({ tape, story, at }: Run): Promise<void> {
    this.story = story;
    this.complaint = null;
    await this.stage.player.load(tape, at, stopsOf(story));
  }
}

/** Why it would change nothing just now. */
function hindrance(action: Action, { cuts }: Frame): string | null {
  if (action.type !== 'cut' && action.type !== 'restore') return null;
  const { from, to } = action;
  if (!isSeparated(cuts, from, to)) return null;
  return `groups separate ${from} and ${to}, so change the groups or restore all links`;
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

async function played(script: Script, through: number, onProgress?: Progress): Promise<Recording> {
  const tape = await openRecording(script);
  await tape.advanceTo(through, onProgress);
  return tape;
}

function stopsOf(story: Story | null): readonly number[] {
  return story === null ? [] : story.captions.map(({ at }) => at);
}
