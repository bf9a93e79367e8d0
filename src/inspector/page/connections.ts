/** The page's sockets: first to the server it came from, then to every member that one names. */
import { type HelloRecord, INSPECTION_VERSION, type InspectionRecord } from '../protocol.ts';
import type { ServerHistory } from '../server-history.ts';
import type { Desk } from './desk.ts';
import { ShownToken } from './shown-token.ts';
import { type KeptSocket, keepOpen, type SocketListener } from './socket.ts';

const DENIED_WAIT_MS = 2_000;

export class Connections {
  readonly #desk: Desk;
  readonly #sockets = new Map<string, KeptSocket>();
  readonly #token = new ShownToken();
  readonly #origin: string;
  /** Servers of other versions, which tell what this page cannot read. */
  readonly #strangers = new Set<ServerHistory>();

  constructor(desk: Desk, origin: string) {
    this.#desk = desk;
    this.#origin = origin;
  }

  open(): void {
    this.#dial(this.#origin, null);
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close();
    this.#sockets.clear();
  }

  /** To every server that is not connected. */
  show(token: string): void {
    this.#token.keep(token);
    this.#desk.show({ denial: null, asksToken: false });
    for (const socket of this.#sockets.values()) socket.retry();
  }

  #dial(address: string, expected: string | null): void {
    const key = expected ?? '';
    if (this.#sockets.has(key)) return;
    let server: ServerHistory | null = null;
    if (expected !== null) server = this.#desk.live.of(expected, Date.now());
    const listener: SocketListener = {
      onText: (text) => {
        for (const line of text.split('\n')) {
          if (line === '') continue;
          const record = JSON.parse(line) as InspectionRecord;
          if (record.type === 'hello') server = this.#greet(record, server);
          if (server !== null && !this.#strangers.has(server)) {
            this.#desk.take(server, record, line);
          }
        }
      },
      onLost: (reason, isRefused) => {
        if (server !== null) this.#desk.lose(server, Date.now(), reason);
        else {
          const text = isRefused ? refused(address, reason) : unreachable(address, reason);
          this.#desk.show({ notice: { text, isBad: true } });
        }
      },
      onDenied: (reason) => {
        if (server !== null) this.#desk.lose(server, Date.now(), reason);
        // Another one believes it still, or already: their files are not replaced in one moment.
        if (this.#desk.live.servers.some(({ reach }) => reach.state === 'connected')) {
          setTimeout(() => this.#sockets.get(key)?.retry(), DENIED_WAIT_MS);
          return;
        }
        this.#token.forget();
        // The first one says it best: those after it are shown no token any more.
        if (this.#desk.view.denial !== null) return;
        this.#desk.show({ denial: `${new URL(address).host}: ${reason}`, asksToken: true });
      },
    };
    this.#sockets.set(
      key,
      keepOpen(address, listener, () => this.#token.value),
    );
  }

  /** Who answers is who it says it is; the members it names are dialled too. */
  #greet(hello: HelloRecord, before: ServerHistory | null): ServerHistory {
    const server = before ?? this.#desk.live.of(hello.id, Date.now());
    const first = this.#sockets.get('');
    if (before === null && first !== undefined) this.#sockets.set(hello.id, first);
    for (const { id, clientAddress } of hello.members) {
      if (clientAddress !== '' && id !== hello.id) this.#dial(clientAddress, id);
    }
    const version: number = hello.version;
    if (version === INSPECTION_VERSION) {
      this.#strangers.delete(server);
      if (this.#desk.view.notice?.isBad) this.#desk.show({ notice: null });
    } else {
      this.#strangers.add(server);
      this.#desk.lose(server, Date.now(), `it is of another version: ${version}`);
    }
    return server;
  }
}

function unreachable(address: string, reason: string): string {
  const why = reason === '' ? '' : ` It said: ${reason}.`;
  return `${new URL(address).host} does not answer.${why} Trying again.`;
}

function refused(address: string, reason: string): string {
  return `${new URL(address).host} refuses: ${reason}. Trying again.`;
}
