/** Which run the page shows: a free one, a scenario, or what a link brought; and how to leave it. */
import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Action } from '../action.ts';
import { problemOf } from '../action.ts';
import type { Frame } from '../frame.ts';
import { type RunLink, readFragment } from '../link.ts';
import type { OnProgress } from '../recording.ts';
import { type Caption, SCENARIOS } from '../scenarios/index.ts';
import type { Intent, Objection } from './deeds.ts';
import { LastWish } from './last-wish.ts';
import { isCut, isSeparated } from './ring/links.tsx';
import { begin, choiceOf, type Run, type RunChoice, runAt, stopsOf, USUAL_CHOICE } from './run.ts';
import { Stage } from './stage.ts';
import { ownDeeds, type Story, storyOf } from './story.ts';

/** At that speed the first leader is there after three to five seconds. */
const USUAL_SPEED = 1 / 10;

/** A link to what one sees, and how much of the run there was. */
export interface Left extends RunLink {
  readonly through: number;
}

/** A server chosen, and at which event's caption. */
interface Chosen {
  readonly server: ServerId | null;
  readonly under: number | null;
}

export class Session {
  readonly stage: Stage;
  readonly wish = new LastWish(() => this.stage.redraw());
  readonly scenarios: readonly { readonly id: string; readonly title: string }[] = SCENARIOS;
  /** What the page has to say about a link. */
  complaint: string | null = null;
  story: Story | null;
  /** Whether time goes on by itself in a run that begins. */
  beginsByItself = true;
  #chosen: Chosen | null = null;
  #onTurn: (show: () => void) => void = (show) => show();

  private constructor(run: Run) {
    this.story = run.story;
    this.stage = new Stage(run.tape, USUAL_SPEED);
    this.#show(run);
  }

  /** What the fragment of the address says; a run of the page's own when it says nothing. */
  static async open(fragment: string, onProgress: OnProgress): Promise<Session> {
    const link = readFragment(fragment);
    if (link === null || 'error' in link) {
      const session = new Session(await begin(USUAL_CHOICE));
      session.complaint = link === null ? null : link.error;
      return session;
    }
    const session = new Session(await runAt(link, onProgress));
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
    return this.wish.choice ?? choiceOf(this.stage.player.tape.script);
  }

  /** That one shows a run which takes the place of another, and not one that was gone back to. */
  onTurn(listener: (show: () => void) => void): void {
    this.#onTurn = listener;
  }

  /** Resolves with how many deeds of one's own are left behind with the run before. */
  async start(choice: RunChoice): Promise<number> {
    const { player } = this.stage;
    let left = player.tape.script;
    let isGoing = false;
    const run = await this.#turnTo(
      choice,
      (onProgress) => begin(choice, onProgress),
      (show) => {
        left = player.tape.script;
        isGoing = player.isPlaying;
        this.#onTurn(show);
      },
    );
    if (run === null) return 0;
    // A story waits until its first words have been read.
    if (run.story !== null) this.#chosen = null;
    else if (this.beginsByItself || isGoing) player.play();
    return (await ownDeeds(left)).length;
  }

  /** The address became another one: what was left there, or else what its fragment says. */
  async follow(fragment: string, left: Left | null): Promise<void> {
    const link = left ?? readFragment(fragment);
    if (link === null) return;
    if ('error' in link) {
      this.say(link.error);
      return;
    }
    this.stage.player.pause();
    const make = (onProgress: OnProgress) => runAt(link, onProgress);
    const run = await this.#turnTo(choiceOf(link.script), make, (show) => show());
    if (run !== null) this.#look(link);
  }

  /** Resolves with why it was not done, when its turn came. */
  async act(wanted: Action | Intent): Promise<Objection | null> {
    const { player } = this.stage;
    let objection: Objection | null = null;
    await player.act((frame) => {
      const chosen = typeof wanted === 'function' ? wanted(frame) : wanted;
      if ('objection' in chosen) {
        objection = chosen;
        return null;
      }
      const problem = problemOf(chosen, player.tape.script.servers) ?? hindrance(chosen, frame);
      if (problem === null) return chosen;
      this.say(`That cannot be done: ${problem}.`);
      return null;
    });
    if (objection !== null) return objection;
    const { script } = player.tape;
    const story = await storyOf(script);
    if (script !== player.tape.script) return null; // Something else was done, or is shown, by now.
    this.story = story;
    this.stage.redraw();
    return null;
  }

  /** The story as it is told, where the run left it; resolves as `start` does. */
  async rejoin(): Promise<number> {
    const { story, choice, stage } = this;
    if (story === null) return 0;
    const at = story.captions.at(-1)?.at ?? 0;
    const { script } = stage.player.tape;
    const make = async (onProgress: OnProgress) => ({ ...(await begin(choice, onProgress)), at });
    const run = await this.#turnTo(choice, make, this.#onTurn);
    return run === null ? 0 : (await ownDeeds(script)).length;
  }

  /** The old script, played again up to where it was; false when there is no fork to undo. */
  async undo(): Promise<boolean> {
    const { player } = this.stage;
    await player.settled();
    const { fork } = player;
    if (fork === null) return false;
    const { script, after, lost } = fork;
    const make = (onProgress: OnProgress) =>
      runAt({ script, at: after, through: after + lost }, onProgress);
    await this.#turnTo(choiceOf(script), make, this.#onTurn);
    return true;
  }

  /** What one sees, to come back to. */
  get place(): Left {
    const { tape, at, seen, speed } = this.stage.player;
    return {
      script: tape.script,
      at,
      through: seen,
      selected: this.selected,
      speed: speed === USUAL_SPEED ? null : speed,
    };
  }

  say(complaint: string | null): void {
    this.complaint = complaint;
    this.stage.redraw();
  }

  #look({ speed, selected }: RunLink): void {
    if (speed !== null) this.stage.player.setSpeed(speed);
    this.#chosen = null;
    if (selected !== null) this.selected = selected;
  }

  /** Shows another run, standing still; null when still another one was asked for meanwhile. */
  async #turnTo(
    choice: RunChoice,
    make: (onProgress: OnProgress) => Promise<Run>,
    turn: (show: () => void) => void,
  ): Promise<Run | null> {
    const run = await this.wish.run(choice, make);
    if (run === null) return null;
    turn(() => {
      this.stage.player.pause();
      this.complaint = null;
      this.#show(run);
    });
    return run;
  }

  #show(run: Run): void {
    this.story = run.story;
    this.stage.player.load(run.tape, run.at, stopsOf(run));
  }
}

/** Why it would change nothing just now. */
function hindrance(action: Action, { cuts }: Frame): string | null {
  if (action.type !== 'cut' && action.type !== 'restore') return null;
  const { type, from, to } = action;
  if (isSeparated(cuts, from, to)) {
    return `groups separate ${from} and ${to}, so change the groups or restore all links`;
  }
  if (isCut(cuts, from, to) !== (type === 'cut')) return null;
  return `the link from ${from} to ${to} is ${type === 'cut' ? 'cut' : 'open'} already`;
}
