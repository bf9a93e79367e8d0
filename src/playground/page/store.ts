/** Which run the page shows, what of it is chosen, and how to leave it for another one. */
import { computed, effect, type Signal, signal } from '@preact/signals';
import type { ServerId } from '../../../machines/rules/entries.ts';
import { setFor } from '../../pages/timed.ts';
import type { Action } from '../action.ts';
import { problemOf } from '../action.ts';
import type { Frame } from '../frame.ts';
import { type RunLink, readFragment } from '../link.ts';
import type { OnProgress, Recording } from '../recording.ts';
import { uselessCut } from './cuts.ts';
import { LatestRequest } from './latest-request.ts';
import { Player } from './player.ts';
import { RenderLoop } from './render-loop.ts';
import {
  type Bookmark,
  begin,
  type LoadedRun,
  ownActions,
  progressOf,
  type RunChoice,
  runAt,
  type ScenarioProgress,
  USUAL_CHOICE,
} from './run.ts';
import type { ActionRequest } from './server-actions.ts';

/** At that speed the first leader is there after three to five seconds. */
const USUAL_SPEED = 1 / 10;
const REMARK_MS = 6_000;

export type PanelName =
  | 'machine'
  | 'feed'
  | 'log'
  | 'client'
  | 'pairs'
  | 'network'
  | 'messages'
  | 'safety';

/** What a part of the page is drawn from. */
export interface OfPlayground {
  readonly store: PlaygroundStore;
}

export interface OfFrame extends OfPlayground {
  readonly frame: Frame;
}

/** Why something cannot be done, shown for a few seconds. */
interface Remark {
  readonly sentence: string;
  /** Of the run that it is about. */
  readonly recording: Recording;
  /** Whether it still applies. */
  readonly isSo: (frame: Frame) => boolean;
}

type Make = (onProgress: OnProgress) => Promise<LoadedRun>;
const inPlace = (show: () => void): void => show();

export class PlaygroundStore {
  readonly player: Player;
  readonly loop: RenderLoop;
  readonly latest = new LatestRequest();
  readonly story: Signal<ScenarioProgress | null>;
  /** The message and the link that are chosen. */
  readonly flight = signal<number | null>(null);
  readonly link = signal<readonly [ServerId, ServerId] | null>(null);
  /** The panel that was asked for last, where panels share a place. */
  readonly panel = signal<PanelName | null>(null);
  /** What the page has to say about a link. */
  readonly complaint = signal<string | null>(null);
  readonly remark = signal<Remark | null>(null);
  /** Whether time goes on by itself in a run that begins. */
  beginsByItself = true;
  /** Shows a run that takes the place of another, and not one that was gone back to. */
  turn = inPlace;
  /** A server chosen, and at which event's caption. */
  readonly #chosen = signal<{ server: ServerId | null; under: number | null } | null>(null);
  /** The caption that says whom the story is about just now. */
  readonly #focus = computed(() => {
    const { at } = this.player;
    return this.story.value?.captions.findLast(
      (caption) => caption.at <= at && caption.server !== undefined,
    );
  });
  /** What was chosen last: by hand or by a link, or by the story when it turned to somebody else. */
  readonly #focusedServer = computed((): ServerId | null => {
    const [focus, chosen] = [this.#focus.value, this.#chosen.value];
    const isByHand = focus === undefined || chosen?.under === focus.at;
    return (isByHand ? chosen?.server : focus.server) ?? null;
  });
  /** That server, or the first one when there is no such server in this run. */
  readonly server = computed((): ServerId => {
    const ids = this.player.frame.value.servers.map(({ id }) => id);
    return ids.find((id) => id === this.#focusedServer.value) ?? ids[0] ?? '';
  });
  /** Of the run that is shown, or will be. */
  readonly choice = computed(
    (): RunChoice => this.latest.choice.value ?? this.player.recording.value.script,
  );

  private constructor(run: LoadedRun) {
    this.story = signal(run.story);
    this.player = new Player(run.recording, USUAL_SPEED);
    this.loop = new RenderLoop(this.player);
    this.#show(run);
    // What it was about may be over before it has been read.
    effect(() => {
      const remark = this.remark.value;
      const { recording, frame } = this.player;
      const isDue = remark?.recording === recording.value && remark.isSo(frame.value);
      if (!isDue) this.remark.value = null;
    });
  }

  /** What the fragment of the address says; a run of the page's own when it says nothing. */
  static async open(fragment: string, onProgress: OnProgress): Promise<PlaygroundStore> {
    const link = readFragment(fragment);
    if (link === null || 'error' in link) {
      const store = new PlaygroundStore(await begin(USUAL_CHOICE));
      store.complaint.value = link?.error ?? null;
      return store;
    }
    const store = new PlaygroundStore(await runAt(link, onProgress));
    store.#restore(link);
    return store;
  }

  selectServer(server: ServerId | null): void {
    this.remark.value = null;
    this.#chosen.value = { server, under: this.#focus.value?.at ?? null };
  }

  /** Its message is shown, and time stands: it would be gone before it is read. */
  selectFlight(flight: number): void {
    this.player.pause();
    this.remark.value = null;
    this.flight.value = flight;
    this.panel.value = 'messages';
  }

  /** Brings that panel to the front and puts the focus there. */
  enter(panel: PanelName): void {
    this.panel.value = panel;
    // Preact draws it in a microtask; the next key is for it already.
    queueMicrotask(() => document.querySelector<HTMLElement>('.tab-panel')?.focus());
  }

  say(sentence: string, isSo: Remark['isSo'] = () => true): void {
    setFor(this.remark, { sentence, isSo, recording: this.player.recording.value }, REMARK_MS);
  }

  /** Another run; says what is left behind with the one before. */
  async run(choice: RunChoice): Promise<void> {
    const wasPlaying = await this.#leaveFor(choice, (onProgress) => begin(choice, onProgress));
    if (wasPlaying === null) return;
    // A story waits until its first words have been read.
    if (this.story.value !== null) this.#chosen.value = null;
    else if (this.beginsByItself || wasPlaying) this.player.play();
  }

  /** The story as it is told, where the run left it. */
  async rejoin(): Promise<void> {
    const choice = this.choice.value;
    const at = this.story.value?.captions.at(-1)?.at ?? 0;
    await this.#leaveFor(choice, async (onProgress) => {
      return { ...(await begin(choice, onProgress)), at };
    });
  }

  /** The address became another one: what was left there, or else what its fragment says. */
  async follow(fragment: string, left: Bookmark | null): Promise<void> {
    const link = left ?? readFragment(fragment);
    if (link === null) return;
    if ('error' in link) {
      this.complaint.value = link.error;
      return;
    }
    this.player.pause();
    const run = await this.#turnTo(link.script, (onProgress) => runAt(link, onProgress));
    if (run !== null) this.#restore(link);
  }

  /** Does it when its turn comes, or says why it is not done. */
  async act(wanted: Action | ActionRequest): Promise<void> {
    const { player } = this;
    const madeOut = (frame: Frame) => (typeof wanted === 'function' ? wanted(frame) : wanted);
    this.remark.value = null;
    await player.act((frame) => {
      const chosen = madeOut(frame);
      if ('unavailable' in chosen) {
        this.say(chosen.unavailable, (now) => {
          const again = madeOut(now);
          return 'unavailable' in again && again.unavailable === chosen.unavailable;
        });
        return null;
      }
      const { servers } = player.recording.value.script;
      const problem = problemOf(chosen, servers) ?? uselessCut(chosen, frame);
      if (problem === null) return chosen;
      this.complaint.value = `That cannot be done: ${problem}.`;
      return null;
    });
    const { script } = player.recording.value;
    const story = await progressOf(script);
    // Else something more was done, or another run is shown, by now.
    if (script === player.recording.value.script) this.story.value = story;
  }

  /** The old script, played again up to where it was. */
  async undo(): Promise<void> {
    const { player } = this;
    this.remark.value = null;
    await player.settled();
    const fork = player.fork.value;
    if (fork === null) {
      this.say('There is no fork to undo.');
      return;
    }
    const { script, after: at, lost } = fork;
    const make: Make = (onProgress) => runAt({ script, at, through: at + lost }, onProgress);
    await this.#turnTo(script, make, this.turn);
  }

  /** What one sees, to come back to. */
  get bookmark(): Bookmark {
    const { recording, at, seen: through, speed } = this.player;
    return {
      script: recording.value.script,
      at,
      through,
      selected: this.#focusedServer.value,
      speed: speed.value === USUAL_SPEED ? null : speed.value,
    };
  }

  #restore({ speed, selected }: RunLink): void {
    if (speed !== null) this.player.speed.value = speed;
    this.#chosen.value = null;
    if (selected !== null) this.selectServer(selected);
  }

  /** Resolves with whether time went on before; null when still another run was asked for. */
  async #leaveFor(choice: RunChoice, make: Make): Promise<boolean | null> {
    const { player } = this;
    this.remark.value = null;
    let left = player.recording.value.script;
    let wasPlaying = false;
    const run = await this.#turnTo(choice, make, (show) => {
      left = player.recording.value.script;
      wasPlaying = player.isPlaying.value;
      this.turn(show);
    });
    if (run === null) return null;
    void ownActions(left).then(({ length }) => {
      if (length > 0) this.say(leftBehind(length));
    });
    return wasPlaying;
  }

  /** Shows another run, standing still; null when still another one was asked for meanwhile. */
  async #turnTo(choice: RunChoice, make: Make, turn = inPlace): Promise<LoadedRun | null> {
    const run = await this.latest.run(choice, make);
    if (run === null) return null;
    turn(() => {
      this.player.pause();
      this.complaint.value = null;
      this.#show(run);
    });
    return run;
  }

  /** Playing stops by itself where the story has something to say. */
  #show({ story, recording, at }: LoadedRun): void {
    this.story.value = story;
    this.player.load(
      recording,
      at,
      story?.captions.map((caption) => caption.at),
    );
  }
}

function leftBehind(deeds: number): string {
  const yours = deeds === 1 ? 'a deed of yours' : `${deeds} deeds of yours`;
  return `This is another run. The one before has ${yours}: the browser’s Back brings it back.`;
}
