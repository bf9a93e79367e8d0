/**
 * The token that the servers are shown. It is kept by this tab alone, until it is closed, and never
 * leads anywhere but into the handshakes of the sockets.
 */
const PLACE = 'statecraft.token';

export class ShownToken {
  #token: string | null = sessionStorage.getItem(PLACE);

  get value(): string | null {
    return this.#token;
  }

  keep(token: string): void {
    this.#token = token;
    sessionStorage.setItem(PLACE, token);
  }

  /** It is no good. */
  forget(): void {
    this.#token = null;
    sessionStorage.removeItem(PLACE);
  }
}
