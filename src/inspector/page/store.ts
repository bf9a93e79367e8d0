/**
 * What the page shows and what of it is chosen: the history as it comes in, and the view of it. What is
 * chosen are signals; what comes in is read through `history`, which is drawn at the page's own pace.
 */
import { effect, signal } from '@preact/signals';
import { actorEntryAt, adjacentEntry, History, lastNumberAt, type Position } from '../history.ts';
import type { HistoryEntry } from '../history-entry.ts';
import type { ActorRecord, InspectionRecord } from '../protocol.ts';
import { Rates, silenceMaxMs } from '../rates.ts';
import { ENTRIES_MAX, type ServerHistory } from '../server-history.ts';
import type { TraceRecording } from '../trace-recording.ts';
import { Playback } from './playback.ts';
import { renderPace } from './render-pace.ts';

/** While the past is looked at, more of it is kept. */
const PAUSED_MAX = 4 * ENTRIES_MAX;

/** What a part of the page is drawn from. */
export interface OfInspector {
  readonly store: InspectorStore;
}

export class InspectorStore {
  /** Whose chart, log and context are shown; '' before there is anything. */
  readonly serverId = signal('');
  readonly actor = signal('');
  /** Null in the present. */
  readonly position = signal<Position | null>(null);
  readonly tab = signal<'log' | 'context'>('log');
  readonly scope = signal<'actor' | 'server'>('actor');
  /** '' for every type. */
  readonly type = signal('');
  readonly text = signal('');
  readonly showsHeartbeats = signal(false);
  /** A sentence about what could not be done, or was. */
  readonly notice = signal<{ readonly text: string; readonly isBad: boolean } | null>(null);
  /** Which server wants a token, and why; null when none does. */
  readonly denial = signal<string | null>(null);
  /** Whether the dialog that asks for it is open. */
  readonly asksToken = signal(false);
  /** The name of the trace file that is open instead of live servers. */
  readonly file = signal<string | null>(null);
  readonly recording = signal<TraceRecording | null>(null);
  readonly playback = new Playback(this);
  /** What the servers tell: that is what is shown, unless a file is open. */
  readonly live = new History();
  readonly rates = new Rates();
  readonly #shown = signal(this.live);
  readonly #pace = renderPace();
  /** When anything last came from each server, even an answer to a ping. */
  readonly #heardAtMs = new Map<ServerHistory, number>();
  #hasChosen = false;

  constructor() {
    effect(() => {
      const max = this.position.value === null ? ENTRIES_MAX : PAUSED_MAX;
      for (const server of this.live.servers) server.keep(max);
    });
    effect(() => {
      // Stopping or filtering counts as choosing what is shown.
      if (this.position.value || this.text.value || this.tab.value !== 'log')
        this.#hasChosen = true;
    });
  }

  /** What is shown, as of now: a component that reads it is drawn again as more comes in. */
  get history(): History {
    void this.#pace.drawing.value;
    return this.#shown.value;
  }

  /** What is being recorded, as far as it has come. */
  get recorded(): TraceRecording | null {
    void this.#pace.drawing.value;
    return this.recording.value;
  }

  get server(): ServerHistory | null {
    return this.history.get(this.serverId.value) ?? null;
  }

  /** What the chosen actor last did, by now or by the moment that is looked at. */
  get entry(): HistoryEntry | null {
    const { server } = this;
    return server && actorEntryAt(server, this.actor.value, this.position.value);
  }

  /** How many moments have come since the one that is looked at. */
  get since(): number {
    const position = this.position.value;
    const server = position && this.history.get(position.server);
    return server ? server.entries.total - 1 - position.number : 0;
  }

  /** A record of a server, and the line it came in; the first one that comes is shown first. */
  take(server: ServerHistory, record: InspectionRecord, line: string): void {
    const before = server.transitions + server.dropped;
    this.#heardAtMs.set(server, performance.now());
    server.add(record);
    this.rates.note(server.id, server.transitions + server.dropped - before, performance.now());
    if (record.type !== 'pong') this.recording.value?.add(server.id, line);
    if (this.file.value !== null) return;
    if (record.type === 'actor') this.#welcome(server, record);
    if (!this.#hasChosen) this.#showLeader(server);
    const position = this.position.value;
    const { entries } = server;
    if (position?.server === server.id && entries.at(position.number) === undefined) {
      this.lookAt(entries.at(entries.first) ?? null, server.id);
    }
    this.#pace.request();
  }

  /** The first actor there is, or the first after a restart when the chosen one is no more. */
  #welcome(server: ServerHistory, { actor, parent }: ActorRecord): void {
    const chosen = this.serverId.value;
    const isGone = server.actors.get(this.actor.value) === undefined;
    if (chosen === '' || (chosen === server.id && parent === null && isGone)) {
      this.serverId.value = server.id;
      this.actor.value = actor;
    }
  }

  /** Until the user chooses, the first leader is shown in place of the server that came first. */
  #showLeader(server: ServerHistory): void {
    if (server.entries.last?.summary.role === 'leader') this.choose(server);
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

  lose(server: ServerHistory, atMs: number, why: string): void {
    if (server.reach.state !== 'lost') this.recording.value?.addLoss(server.id, atMs, why);
    server.lose(atMs, why);
    this.#pace.request();
  }

  /** A trace instead of the servers, from its beginning on; its name is shown. */
  openFile(history: History, file: string): void {
    this.#show(history, file);
    this.seek(history.span?.fromMs ?? 0);
  }

  closeFile(): void {
    this.#show(this.live, null);
  }

  #show(history: History, file: string | null): void {
    this.#shown.value = history;
    this.file.value = file;
    this.notice.value = null;
    this.position.value = null;
    this.select('', '');
    const [server] = history.servers;
    if (server !== undefined) this.choose(server);
  }

  select(server: string, actor: string): void {
    this.#hasChosen = true;
    this.serverId.value = server;
    this.actor.value = actor;
    this.type.value = '';
  }

  /** The server's own machine. */
  choose(server: ServerHistory): void {
    const root = server.actors.all().find(({ parent }) => parent === null);
    this.select(server.id, root?.name ?? '');
  }

  say(text: string, isBad = false): void {
    this.notice.value = { text, isBad };
  }

  /** Whether time goes on in what is shown: that of the servers, or that of a trace. */
  get isGoing(): boolean {
    return this.file.value === null ? this.position.value === null : this.playback.isPlaying;
  }

  /** Stops here, or goes on: with the servers in the present, with a trace from this moment on. */
  toggleTime(): void {
    if (this.file.value !== null) this.playback.toggle();
    else if (this.position.value === null) this.pause();
    else this.goLive();
  }

  /** Stops at the chosen actor's last moment; time goes on behind it. */
  pause(): void {
    const { server } = this;
    const number = server === null ? -1 : lastNumberAt(server, null);
    this.lookAt(server?.entries.at(number) ?? null);
  }

  lookAt(entry: HistoryEntry | null, server = this.serverId.value): void {
    if (entry === null) return;
    const { number, atMs } = entry;
    this.position.value = { server, number, atMs };
  }

  /** To the chosen server's last moment at that time, or its first. */
  seek(atMs: number): void {
    const { server } = this;
    if (server === null) return;
    const number = lastNumberAt(server, { server: '', number: -1, atMs });
    const entry = server.entries.at(Math.max(number, server.entries.first));
    if (entry !== undefined) this.lookAt({ ...entry, atMs });
  }

  goLive(): void {
    this.position.value = null;
  }

  /** To the chosen actor's moment before or after the one that is looked at. */
  step(by: 1 | -1): void {
    const { server } = this;
    const position = this.position.value;
    if (server === null || (by === 1 && position === null)) return;
    const entry = adjacentEntry(server, this.actor.value, lastNumberAt(server, position), by);
    if (by === 1 && entry === null && this.file.value === null) this.goLive();
    else this.lookAt(entry);
  }
}
