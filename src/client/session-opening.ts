/** How a client opens its session over HTTP, and what it tells of one that it could not get. */
import type { SetbackReason } from '../../machines/rules/server-answers.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { SessionOpener } from '../session/session-gate.ts';
import { jsonOf } from './answers.ts';
import type { Call, Caller } from './caller.ts';
import type { HttpAnswer } from './http-port.ts';
import type { Line } from './line.ts';

/** A command that got no place in a session was never sent. */
export interface NoPlace {
  readonly reason: SetbackReason | 'cancelled';
  /** What the servers said when they would not open a session. */
  readonly answer: HttpAnswer | null;
  /** What is to be said instead of the reason's own sentence. */
  readonly note?: string | null;
}

export class SessionOpening implements SessionOpener<NoPlace> {
  readonly #caller: Caller;
  #line: Line | null = null;

  constructor(caller: Caller) {
    this.#caller = caller;
  }

  async open(deadlineMs: number): Promise<{ readonly session: number } | NoPlace | null> {
    const line = this.#caller.newLine();
    this.#line = line;
    const call: Call = {
      kind: 'openSession',
      deadlineMs,
      exchange: () => ({ method: 'POST', path: '/v1/sessions', headers: {}, body: null }),
    };
    const { verdict, answer, note } = await this.#caller.call(call, line);
    if (verdict.outcome === 'refused' && line.isHopeless) {
      return { reason: verdict.reason, answer: null, note };
    }
    if (verdict.outcome !== 'answered' || answer === null) return null;
    const { session } = jsonOf(answer);
    if (answer.status === 201 && typeof session === 'number') return { session };
    // They will not have it, and asking again would not change that.
    return { reason: 'unreachable', answer };
  }

  expired(isOpening: boolean): NoPlace {
    const line = isOpening ? this.#line : null;
    return { reason: line?.setback ?? 'overloaded', answer: null, note: line?.note ?? null };
  }

  cancelled(): NoPlace {
    return { reason: 'cancelled', answer: null };
  }
}

/** What a request says of its session, in headers. */
export function sessionHeaders(place: SessionCommand): Record<string, string> {
  const headers: Record<string, string> = {
    'Statecraft-Session': String(place.session),
    'Statecraft-Sequence': String(place.sequence),
  };
  if (place.firstUnanswered !== undefined) {
    headers['Statecraft-First-Unanswered'] = String(place.firstUnanswered);
  }
  return headers;
}
