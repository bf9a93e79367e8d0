/**
 * An outcome over HTTP (§8), with the statuses that the service uses for commands: a redirect where
 * another server leads, refusals that may be repeated, and only 504 for "perhaps".
 */
import type { Outcome, RefusalReason } from '../ports/outcome.ts';
import type { Server } from '../ports/server.ts';

/** For any framework: status, headers, and a body to be sent as JSON. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** Not applied, and never will be; 503 and 429 may be asked again in a moment. */
const STATUS_OF: Readonly<Partial<Record<RefusalReason, number>>> = {
  overloaded: 429,
  'too-large': 413,
  'quota-exceeded': 507,
  'session-expired': 410,
  'answer-discarded': 410,
};
const SOON = { 'retry-after': '1' };

/**
 * The answer to a request whose call had this outcome. Applied: 200 and the result. Refused since
 * another server leads: 307 to the same path there, which `fetch` and `curl -L` follow by themselves.
 * Unknown: 504.
 *
 * @param target - path and query of the request
 * @example
 * const outcome = await server.propose(command);
 * const { status, headers, body } = httpAnswer(server, outcome, request.url);
 */
export function httpAnswer(
  server: Pick<Server, 'id' | 'status'>,
  outcome: Outcome<unknown>,
  target: string,
): HttpAnswer {
  if (outcome.outcome === 'applied') return { status: 200, headers: {}, body: outcome.result };
  const { id } = server;
  if (outcome.outcome === 'unknown') {
    const message = `server ${id} does not know the outcome: repeat a query, but check before you repeat a command`;
    return failed(504, 'unknown', message);
  }
  const { reason, message } = outcome;
  if (reason === 'not-leader' || reason === 'overwritten') {
    const { leader, leaderClientAddress } = server.status();
    if (leader !== null && leader !== id && leaderClientAddress !== null) {
      const location = leaderLocation(leaderClientAddress, target);
      const { body } = failed(307, reason, `server ${leader} leads: ask it at ${location}`);
      return { status: 307, headers: { location }, body };
    }
    return failed(503, reason, `server ${id} currently knows no leader; try again`, SOON);
  }
  const status = STATUS_OF[reason] ?? (outcome.retry ? 503 : 422);
  return failed(
    status,
    reason,
    message ?? `server ${id} did not apply it: ${reason}`,
    outcome.retry ? SOON : {},
  );
}

/** Where the leader has the same. Anything but a path would name another server than the leader. */
export function leaderLocation(address: string, target: string): string {
  return `${address.replace(/\/+$/, '')}${target.startsWith('/') ? target : `/${target}`}`;
}

function failed(
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer {
  return { status, headers, body: { error: { code, message } } };
}
