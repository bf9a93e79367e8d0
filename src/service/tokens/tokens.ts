/** The tokens of this moment: who shows one is found, and whoever may lose one is told of changes. */
import { timingSafeEqual } from 'node:crypto';
import { hasExpired, idOf, secretDigestOf, type Token } from './token.ts';

export type TokenProblem = 'unknown' | 'expired';

type TokenLookup = { readonly token: Token } | { readonly token: null; readonly why: TokenProblem };

/** Nothing hashes to it: it is compared where there is no token, which takes as long. */
const NOBODY = '0'.repeat(64);

export class Tokens {
  readonly #now: () => number;
  readonly #listeners = new Set<() => void>();
  #byId: ReadonlyMap<string, Token>;

  constructor(tokens: readonly Token[], now: () => number = () => Date.now()) {
    this.#byId = byId(tokens);
    this.#now = now;
  }

  /** Looked up by its id, and compared in the same time whatever comes of it. */
  find(secret: string): TokenLookup {
    const known = this.#byId.get(idOf(secret) ?? '');
    const expected = Buffer.from(known?.sha256 ?? NOBODY, 'hex');
    const isRight = timingSafeEqual(secretDigestOf(secret), expected);
    if (!isRight || known === undefined) return { token: null, why: 'unknown' };
    return hasExpired(known, this.#now()) ? { token: null, why: 'expired' } : { token: known };
  }

  /** What has become of a token that was found before; null when it counts no more. */
  now({ id, sha256 }: Token): Token | null {
    const known = this.#byId.get(id);
    const isSame = known !== undefined && known.sha256 === sha256;
    return isSame && !hasExpired(known, this.#now()) ? known : null;
  }

  /** They were read anew. */
  replace(tokens: readonly Token[]): void {
    this.#byId = byId(tokens);
    for (const listener of this.#listeners) listener();
  }

  /** Returns what ends it. */
  onReplaced(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

function byId(tokens: readonly Token[]): ReadonlyMap<string, Token> {
  return new Map(tokens.map((token) => [token.id, token]));
}
