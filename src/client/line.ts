/**
 * One request at a time through the session statechart: carries out its effects over HTTP.
 *
 * The chart never sees a body; the answer it settled on is kept here for whoever reads it.
 */
import { type ActorRefFrom, createActor } from 'xstate';
import {
  type ClientRequest,
  type Endpoint,
  giveUp,
  type Verdict,
} from '../../machines/rules/client.ts';
import type { ServerAnswer, SetbackReason } from '../../machines/rules/server-answers.ts';
import type { sessionMachine } from '../../machines/session.ts';
import type { Clock } from '../ports/clock.ts';
import { errorOf } from './answers.ts';
import { connectionFault } from './connection-faults.ts';
import type { HttpAnswer, HttpEnding, HttpPort, HttpRequest } from './http-port.ts';
import type { Redirects } from './redirects.ts';

/** Everything of an exchange but its server. Made for each copy: what is unanswered changes. */
export type Exchange = () => Omit<HttpRequest, 'endpoint'>;

export interface Settlement {
  readonly verdict: Verdict;
  /** The last answer, whatever the verdict; null when there was none. */
  readonly answer: HttpAnswer | null;
  /** Where the leader is, as far as is known now. */
  readonly leader: Endpoint | null;
  /** What kept the last copy from a server, where there is more to say than that there was none. */
  readonly note: string | null;
}

export class Line {
  readonly #redirects: Redirects;
  readonly #servers: number;
  readonly #actor: ActorRefFrom<typeof sessionMachine>;
  #exchange: Exchange | null = null;
  #connectWithinMs = 0;
  #settle: ((settlement: Settlement) => void) | null = null;
  #fail: ((bug: unknown) => void) | null = null;
  #answer: HttpAnswer | null = null;
  #abandon: (() => boolean) | null = null;
  /** Of the latest copy. */
  #mayHaveLeft = true;
  #note: string | null = null;
  /** Those that were not believed, or did not believe us, since the request came. */
  readonly #faulty = new Set<Endpoint>();

  constructor(
    machine: typeof sessionMachine,
    endpoints: readonly Endpoint[],
    http: HttpPort,
    redirects: Redirects,
    clock: Clock,
  ) {
    this.#redirects = redirects;
    this.#servers = endpoints.length;
    this.#actor = createActor(machine, { input: { endpoints }, clock });
    this.#actor.on('sendRequest', ({ endpoint, attempt }) => {
      if (this.#exchange === null) return;
      this.#mayHaveLeft = true;
      const connectWithinMs = this.#connectWithinMs;
      const request = { ...this.#exchange(), endpoint, connectWithinMs };
      this.#abandon = http.send(request, (ending, code = '') =>
        this.#end(endpoint, attempt, ending, code),
      );
    });
    this.#actor.on('abandonRequest', () => {
      this.#mayHaveLeft = this.#abandon?.() ?? true;
    });
    this.#actor.on('settle', ({ verdict, leader }) => {
      const settle = this.#settle;
      this.#settle = null;
      this.#exchange = null;
      this.#abandon = null;
      settle?.({ verdict: this.#told(verdict), answer: this.#answer, leader, note: this.#note });
    });
    this.#actor.subscribe({ error: (bug) => this.#fail?.(bug) });
    this.#actor.start();
  }

  get setback(): SetbackReason {
    return this.#actor.getSnapshot().context.setback;
  }

  get note(): string | null {
    return this.#note;
  }

  /** Only when the one before has settled. Rejects for a bug only. */
  ask(request: ClientRequest, leader: Endpoint | null, exchange: Exchange): Promise<Settlement> {
    return new Promise((resolve, reject) => {
      this.#exchange = exchange;
      this.#connectWithinMs = request.attemptTimeoutMs;
      this.#settle = resolve;
      this.#fail = reject;
      this.#answer = null;
      this.#note = null;
      this.#faulty.clear();
      this.#actor.send({ type: 'request.submitted', request, leader });
    });
  }

  cancel(): void {
    this.#actor.send({ type: 'request.cancelled' });
  }

  /** Asking again would not change what is wrong with every server. */
  get isHopeless(): boolean {
    return this.#faulty.size >= this.#servers;
  }

  #told(verdict: Verdict): Verdict {
    // The chart takes what was handed over for sent; the last copy was still waiting to be connected.
    if (verdict.outcome === 'unknown' && !this.#mayHaveLeft) {
      return giveUp(this.#actor.getSnapshot().context, verdict).verdict ?? verdict;
    }
    // We gave it up ourselves, because nobody can be reached.
    if (!this.isHopeless || verdict.outcome !== 'refused') return verdict;
    return { outcome: 'refused', reason: 'unreachable' };
  }

  #end(endpoint: Endpoint, attempt: number, ending: HttpEnding, code: string): void {
    const fault = typeof ending === 'string' ? connectionFault(endpoint, code) : null;
    if (ending === 'refused' || fault !== null) {
      this.#note = fault ?? this.#note;
      this.#actor.send({ type: 'connection.refused', attempt });
      if (fault !== null) this.#faulty.add(endpoint);
      if (this.isHopeless && !this.#actor.getSnapshot().context.isAwaited) this.cancel();
    } else if (ending === 'lost') {
      this.#actor.send({ type: 'connection.lost', attempt });
    } else {
      this.#answer = ending;
      const answer = serverAnswer(ending);
      const refusal = answer.leader && this.#redirects.refusalOf(endpoint, answer.leader);
      if (refusal !== null) this.#note = refusal;
      // To where it may not lead, it counts as one that does not say where.
      const leader = refusal === null ? answer.leader : null;
      this.#actor.send({ type: 'answer.received', attempt, ...answer, leader });
    }
  }
}

function serverAnswer(answer: HttpAnswer): ServerAnswer {
  const { status } = answer;
  const code = status >= 400 ? errorOf(answer).code : null;
  return { status, code, leader: status === 307 ? originOf(answer.header('location')) : null };
}

/** Of `Location` only the server counts: what we ask of it is ours to say. */
function originOf(location: string | null): Endpoint | null {
  if (location === null) return null;
  const origin = /^https?:\/\/[^/?#]+/.exec(location);
  return origin === null ? null : origin[0];
}
