/**
 * Where a redirect may lead. Whoever can answer for a server could send our requests, and the token
 * with them, anywhere: so a token goes to the servers we were told of, and to those that they name as
 * members, and nothing goes from TLS to where everybody can read it.
 */
import type { Endpoint } from '../../machines/rules/client.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpPort } from './http-port.ts';
import { askStatus } from './status.ts';

export interface RedirectsOptions {
  readonly endpoints: readonly Endpoint[];
  /** Shows the token. */
  readonly http: HttpPort;
  readonly clock: Clock;
  readonly hasToken: boolean;
}

const askMs = 1_000;
/** Members come and go. */
const knownMs = 60_000;

export class Redirects {
  readonly #options: RedirectsOptions;
  /** Until when, by the client's clock. */
  readonly #known = new Map<Endpoint, number>();
  /** Those that have not answered yet. */
  readonly #asked = new Set<Endpoint>();

  constructor(options: RedirectsOptions) {
    this.#options = options;
    for (const endpoint of options.endpoints) {
      this.#known.set(canonical(endpoint), Number.POSITIVE_INFINITY);
    }
  }

  /**
   * Null when it may be followed, otherwise a sentence. Whoever is not known may turn out to be a
   * member a moment later: the server that sends us there is asked, and the request comes again.
   * @param from - one of ours, or one to which a redirect was followed before
   */
  refusalOf(from: Endpoint, to: Endpoint): string | null {
    if (from.startsWith('https:') && !to.startsWith('https:')) return unsafe(from, to);
    if (!this.#options.hasToken || this.#isKnown(to)) return null;
    if (!this.#asked.has(from)) void this.#ask(from);
    return unknown(from, to);
  }

  #isKnown(endpoint: Endpoint): boolean {
    return (this.#known.get(canonical(endpoint)) ?? 0) > this.#options.clock.now();
  }

  async #ask(from: Endpoint): Promise<void> {
    const { http, clock } = this.#options;
    this.#asked.add(from);
    const { status } = await askStatus(from, askMs, http, clock);
    this.#asked.delete(from);
    const members = Array.isArray(status?.members) ? status.members : [];
    const until = clock.now() + knownMs;
    for (const member of members) {
      const { clientAddress } = (member ?? {}) as { readonly clientAddress?: unknown };
      const address = canonical(String(clientAddress));
      if ((this.#known.get(address) ?? 0) < until) this.#known.set(address, until);
    }
  }
}

/** One address in one spelling. */
function canonical(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}

function unsafe(from: Endpoint, to: Endpoint): string {
  return `${from} sends us to ${to}, where everybody could read along: nothing was sent there.`;
}

function unknown(from: Endpoint, to: Endpoint): string {
  return (
    `${from} sends us to ${to}, and does not name it as a member, so the token was not sent there: ` +
    'add that address to the endpoints if it is yours.'
  );
}
