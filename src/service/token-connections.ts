/**
 * Connections end with the token that was shown on them last: whoever loses a token must not go on
 * by a socket that was opened before.
 */
import { includesRole, type Token, type TokenRole } from './tokens/token.ts';
import type { Tokens } from './tokens/tokens.ts';

/** A socket, or what else ends with a token. */
export interface TokenHolder {
  once(event: 'close', listener: () => void): unknown;
  destroy(): unknown;
}

/** Tokens expire without any news. */
const LOOK_MS = 2_000;

export function tokenConnections(tokens: Tokens) {
  /** Of each connection the token, and the role that what goes on by it needs. */
  const shown = new Map<TokenHolder, { readonly token: Token; readonly role: TokenRole }>();
  const closeRevoked = () => {
    for (const [connection, { token, role }] of shown) {
      const now = tokens.now(token);
      if (now === null || !includesRole(now.role, role)) connection.destroy();
    }
  };
  const forget = tokens.onReplaced(closeRevoked);
  const timer = setInterval(closeRevoked, LOOK_MS).unref();
  return {
    add(connection: TokenHolder, token: Token, role: TokenRole): void {
      if (!shown.has(connection)) connection.once('close', () => shown.delete(connection));
      shown.set(connection, { token, role });
    },
    closeRevoked,
    close(): void {
      clearInterval(timer);
      forget();
    },
  };
}
