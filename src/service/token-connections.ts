/**
 * Connections end with the token that was shown on them last: whoever loses a token must not go on
 * by a socket that was opened before.
 */
import type { Duplex } from 'node:stream';
import { includesRole, type Token, type TokenRole } from './tokens/token.ts';
import type { Tokens } from './tokens/tokens.ts';

/** Tokens expire without any news. */
const LOOK_MS = 2_000;

interface Shown {
  readonly token: Token;
  /** What goes on by this connection needs it. */
  readonly role: TokenRole;
}

export class TokenConnections {
  readonly #tokens: Tokens;
  readonly #shown = new Map<Duplex, Shown>();
  readonly #timer: NodeJS.Timeout;
  readonly #forget: () => void;

  constructor(tokens: Tokens) {
    this.#tokens = tokens;
    this.#forget = tokens.onReplaced(() => this.closeRevoked());
    this.#timer = setInterval(() => this.closeRevoked(), LOOK_MS).unref();
  }

  add(connection: Duplex, token: Token, role: TokenRole): void {
    if (!this.#shown.has(connection)) {
      connection.once('close', () => this.#shown.delete(connection));
    }
    this.#shown.set(connection, { token, role });
  }

  closeRevoked(): void {
    for (const [connection, { token, role }] of this.#shown) {
      const now = this.#tokens.now(token);
      if (now === null || !includesRole(now.role, role)) connection.destroy();
    }
  }

  close(): void {
    clearInterval(this.#timer);
    this.#forget();
  }
}
