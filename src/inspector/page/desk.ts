/**
 * What the page shows and what of it is chosen: the story as it comes in, and the view of it. Panels
 * read it; whoever changes it says so, and it is drawn once for all of what changed together.
 */
import type { Zoom } from '../../pages/statechart-place.ts';
import { actorEntryAt, adjacentEntry, History, lastNumberAt, type Position } from '../history.ts';
import type { HistoryEntry } from '../history-entry.ts';
import type { ActorRecord, InspectionRecord } from '../protocol.ts';
import { Rates, silenceMaxMs } from '../rates.ts';
import { ENTRIES_MAX, type ServerHistory } from '../server-history.ts';
import type { TraceRecording } from '../trace-recording.ts';
import type { Drawing } from './drawing.ts';
import { Playback } from './playback.ts';

export interface View {
  /** Whose chart, log and context are shown; '' before there is anything. */
  readonly server: string;
  readonly actor: string;
  /** Null in the present. */
  readonly position: Position | null;
  readonly tab: 'log' | 'context';
  readonly scope: 'actor' | 'server';
  readonly type: string | null;
  readonly text: string;
  readonly showsHeartbeats: boolean;
  /** How large the statechart is drawn; as it suits its place if null. */
  readonly zoom: Zoom | null;
  readonly isHelpOpen: boolean;
  /** A sentence about what could not be done, or was. */
  readonly notice: Notice | null;
  /** Which server wants a token, and why; null when none does. */
  readonly denial: string | null;
  /** Whether somebody is asked for it just now. */
  readonly asksToken: boolean;
  /** The name of the trace file that is open instead of live servers. */
  readonly file: string | null;
}

/** While somebody looks at the past, it must not vanish under their eyes so soon. */
const PAUSED_MAX = 4 * ENTRIES_MAX;

export interface Notice {
  readonly text: string;
  readonly isBad: boolean;
}

const FIRST_VIEW: View = {
  server: '',
  actor: '',
  position: null,
  tab: 'log',
  scope: 'actor',
  type: null,
  text: '',
  showsHeartbeats: false,
  zoom: null,
  isHelpOpen: false,
  notice: null,
  denial: null,
  asksToken: false,
  file: null,
};

export class Desk {
  view = FIRST_VIEW;
  /** What the servers tell, and what is shown: the same, unless a file is open. */
  readonly live = new History();
  story = this.live;
  recording: TraceRecording | null = null;
  readonly playback = new Playback(this);
  readonly rates = new Rates();
  readonly #drawing: Drawing;
  /** When anything last came from each server, even an answer to a ping. */
  readonly #heardAtMs = new Map<ServerHistory, number>();
  #hasChosen = false;

  constructor(drawing: Drawing) {
    this.#drawing = drawing;
  }

  show(change: Partial<View>): void {
    this.view = { ...this.view, ...change };
    // Whoever stops or filters looks at what is shown.
    if (change.position || change.tab || change.text) this.#hasChosen = true;
    const max = this.view.position === null ? ENTRIES_MAX : PAUSED_MAX;
    for (const server of this.live.servers) server.keep(max);
    this.#drawing.now();
  }

  /** A record of a server, and the line it came in; the first one that comes is shown first. */
  take(server: ServerHistory, record: InspectionRecord, line: string): void {
    const before = server.transitions + server.dropped;
    this.#heardAtMs.set(server, performance.now());
    server.add(record);
    this.rates.note(server.id, server.transitions + server.dropped - before, performance.now());
    if (record.type !== 'pong') this.recording?.add(server.id, line);
    if (this.view.file !== null) return;
    if (record.type === 'actor') this.#welcome(server, record);
    if (!this.#hasChosen) this.#showLeader(server);
    const { position } = this.view;
    const { entries: moments } = server;
    if (position?.server === server.id && moments.at(position.number) === undefined) {
      this.lookAt(moments.at(moments.first) ?? null, server.id);
    }
    this.#drawing.soon();
  }

  /** The first actor there is, or the first after a restart when the chosen one is no more. */
  #welcome(server: ServerHistory, { actor, parent }: ActorRecord): void {
    const { view } = this;
    const isFirst = view.server === '';
    const isOrphaned =
      view.server === server.id && parent === null && server.actors.get(view.actor) === undefined;
    if (isFirst || isOrphaned) this.view = { ...view, server: server.id, actor };
  }

  /** For how long nothing at all has come from a server within reach; 0 while that is usual. */
  silenceMs(server: ServerHistory): number {
    const heardAtMs = this.#heardAtMs.get(server);
    if (server.reach.state !== 'connected' || heardAtMs === undefined) return 0;
    const nowMs = performance.now();
    const history = this.rates.history(server.id, nowMs);
    const silentMs = nowMs - heardAtMs;
    const max = silenceMaxMs(server.hello?.source ?? 'actors', history);
    return silentMs > max ? silentMs : 0;
  }

  /** Until somebody chooses, the first leader there is, in place of the server that came first. */
  #showLeader(server: ServerHistory): void {
    if (server.entries.last?.summary.role !== 'leader') return;
    const root = server.actors.all().find(({ parent }) => parent === null);
    if (root === undefined) return;
    this.#hasChosen = true;
    this.view = { ...this.view, server: server.id, actor: root.name };
  }

  lose(server: ServerHistory, atMs: number, why: string): void {
    if (server.reach.state !== 'lost') this.recording?.addLoss(server.id, atMs, why);
    server.lose(atMs, why);
    this.#drawing.soon();
  }

  /** A trace instead of the servers, from its beginning on; its name is shown. */
  openFile(story: History, file: string, notice: Notice | null = null): void {
    this.story = story;
    this.#begin(file, notice);
    this.seek(story.span?.fromMs ?? 0);
  }

  closeFile(): void {
    this.story = this.live;
    this.#begin(null, null);
  }

  #begin(file: string | null, notice: Notice | null): void {
    const [server] = this.story.servers;
    this.show({ file, notice, position: null, type: null, server: '', actor: '' });
    if (server !== undefined) this.choose(server);
  }

  get server(): ServerHistory | null {
    return this.story.get(this.view.server) ?? null;
  }

  /** What the chosen actor last did, by now or by the moment that is looked at. */
  get moment(): HistoryEntry | null {
    const { server, view } = this;
    return server && actorEntryAt(server, view.actor, view.position);
  }

  /** How many moments have come since the one that is looked at. */
  get since(): number {
    const { position } = this.view;
    const server = position && this.story.get(position.server);
    return server ? server.entries.total - 1 - position.number : 0;
  }

  select(server: string, actor: string): void {
    this.#hasChosen = true;
    this.show({ server, actor, type: null });
  }

  /** Stops here, or goes on: with the servers in the present, with a trace from this moment on. */
  toggleTime(): void {
    if (this.view.file !== null) this.playback.toggle();
    else if (this.view.position === null) this.pause();
    else this.goLive();
  }

  /** Stops at the chosen actor's last moment; time goes on behind it. */
  pause(): void {
    const { server } = this;
    const number = server === null ? -1 : lastNumberAt(server, null);
    this.lookAt(server?.entries.at(number) ?? null);
  }

  lookAt(moment: HistoryEntry | null, server = this.view.server): void {
    if (moment === null) return;
    const { number, atMs } = moment;
    this.show({ position: { server, number, atMs } });
  }

  /** To the chosen server's last moment at that time, or its first. */
  seek(atMs: number): void {
    const { server } = this;
    if (server === null) return;
    const number = lastNumberAt(server, { server: '', number: -1, atMs });
    const moment = server.entries.at(Math.max(number, server.entries.first));
    if (moment !== undefined) {
      this.show({ position: { server: server.id, number: moment.number, atMs } });
    }
  }

  /** The server's own machine. */
  choose(server: ServerHistory): void {
    const root = server.actors.all().find(({ parent }) => parent === null);
    this.select(server.id, root?.name ?? '');
  }

  goLive(): void {
    this.show({ position: null });
  }

  /** To the chosen actor's moment before or after the one that is looked at. */
  step(by: 1 | -1): void {
    const { server, view } = this;
    if (server === null) return;
    if (by === 1 && view.position === null) return;
    const from = lastNumberAt(server, view.position);
    const moment = adjacentEntry(server, view.actor, from, by);
    if (by === 1 && moment === null && view.file === null) this.goLive();
    else this.lookAt(moment);
  }
}
