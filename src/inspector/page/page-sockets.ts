/** The page's sockets: first to the server it came from, then to every member that one names. */
import { type HelloRecord, INSPECTION_VERSION, type InspectionRecord } from '../protocol.ts';
import type { ServerHistory } from '../server-history.ts';
import { openReconnecting } from './reconnecting-socket.ts';
import type { InspectorStore } from './store.ts';

const DENIED_WAIT_MS = 2_000;
const TOKEN_KEY = 'statecraft.token';

export class PageSockets {
  readonly #store: InspectorStore;
  /** Reconnects to each server at once, by its id; to the first also under ''. */
  readonly #retries = new Map<string, () => void>();
  /** Servers of other versions, which tell what this page cannot read. */
  readonly #unreadable = new Set<ServerHistory>();

  constructor(store: InspectorStore) {
    this.#store = store;
  }

  /**
   * Tells the token to every server that is not connected. It is kept by this tab alone, until it is
   * closed, and never leads anywhere but into the handshakes of the sockets.
   */
  useToken(token: string): void {
    sessionStorage.setItem(TOKEN_KEY, token);
    this.#store.denial.value = null;
    this.#store.asksToken.value = false;
    for (const retry of this.#retries.values()) retry();
  }

  /** @param expected - whose address it is, if that is known */
  dial(address: string, expected: string | null = null): void {
    const store = this.#store;
    const key = expected ?? '';
    if (this.#retries.has(key)) return;
    let server = expected === null ? null : store.live.of(expected, Date.now());
    const retry = openReconnecting(address, () => sessionStorage.getItem(TOKEN_KEY), {
      onText: (text) => {
        for (const line of text.split('\n')) {
          if (line === '') continue;
          const record = JSON.parse(line) as InspectionRecord;
          if (record.type === 'hello') server = this.#greet(record, server);
          if (server !== null && !this.#unreadable.has(server)) store.take(server, record, line);
        }
      },
      onLost: (reason, isRefused) => {
        if (server !== null) store.lose(server, Date.now(), reason);
        else store.say(isRefused ? refused(address, reason) : unreachable(address, reason), true);
      },
      onDenied: (reason) => {
        if (server !== null) store.lose(server, Date.now(), reason);
        this.#denied(address, reason, () => this.#retries.get(key)?.());
      },
    });
    this.#retries.set(key, retry);
  }

  #denied(address: string, reason: string, retry: () => void): void {
    const { live, denial, asksToken } = this.#store;
    // Another one believes it still, or already: their files are not replaced in one moment.
    if (live.servers.some(({ reach }) => reach.state === 'connected')) {
      setTimeout(retry, DENIED_WAIT_MS);
      return;
    }
    sessionStorage.removeItem(TOKEN_KEY);
    // The first one says it best: those after it are shown no token any more.
    if (denial.value !== null) return;
    denial.value = `${new URL(address).host}: ${reason}`;
    asksToken.value = true;
  }

  /** Who answers is who it says it is; the members it names are dialled too. */
  #greet(hello: HelloRecord, before: ServerHistory | null): ServerHistory {
    const { live, notice } = this.#store;
    const server = before ?? live.of(hello.id, Date.now());
    const first = this.#retries.get('');
    if (before === null && first !== undefined) this.#retries.set(hello.id, first);
    for (const { id, clientAddress } of hello.members) {
      if (clientAddress !== '' && id !== hello.id) this.dial(clientAddress, id);
    }
    const version: number = hello.version;
    if (version === INSPECTION_VERSION) {
      this.#unreadable.delete(server);
      if (notice.value?.isBad) notice.value = null;
    } else {
      this.#unreadable.add(server);
      this.#store.lose(server, Date.now(), `it is of another version: ${version}`);
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
