/** The token that a client shows. */

/** A function may return another one each time, so that tokens can be renewed while a client lives. */
export type TokenSource = string | (() => string | Promise<string>);

/** Whether it can be a token: one word. */
export function isToken(secret: unknown): secret is string {
  return typeof secret === 'string' && /^[\x21-\x7e]+$/.test(secret);
}
