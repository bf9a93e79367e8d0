/**
 * The servers as a client reaches them over HTTP: an exchange for each attempt, with the token, and
 * where a redirect may lead.
 *
 * Whoever can answer for a server could send our requests, and the token with them, anywhere. So the
 * token goes to the endpoints, and to the servers that they name as members; and nothing goes from
 * TLS to where everybody can read it.
 */
import type { AttemptResult, Endpoint } from '../../machines/rules/request.ts';
import type { Clock } from '../ports/clock.ts';
import type { HttpPort } from '../ports/http.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { Attempt } from '../session/request-pool.ts';
import { connectionFault, NO_TOKEN } from './connection-faults.ts';
import { readRequest } from './operations.ts';
import {
  type Attempts,
  errorMessageIn,
  jsonIn,
  objectIn,
  type ReceivedAnswer,
  receivedOverHttp,
} from './outcome-mapping.ts';
import type { ServerCall } from './server-call.ts';
import { streamsBy } from './streams.ts';
import { isToken, type TokenSource } from './token-source.ts';

/** What one endpoint says of its server, or why it says nothing. */
export interface EndpointStatus {
  readonly endpoint: string;
  /** The body of `/v1/status`; null when there was none. */
  readonly status: Readonly<Record<string, unknown>> | null;
  /** Why there is none, for people; null when there is one. */
  readonly problem: string | null;
}

const membersTimeoutMs = 1_000;
/** Members come and go. */
const memberKnownMs = 60_000;

/** @throws TypeError for a text that cannot be a token */
export function serversAt(
  endpoints: readonly Endpoint[],
  bare: HttpPort,
  source: TokenSource | undefined,
  clock: Clock,
  usesStreams: boolean,
) {
  const http = source === undefined ? bare : tokenPort(bare, source);
  const { openStream } = bare;
  const streams =
    openStream === undefined || !usesStreams ? null : streamsBy(openStream, source, clock);
  /** Who may be shown the token, and until when. */
  const known = new Map(endpoints.map((one) => [originOf(one), Number.POSITIVE_INFINITY]));
  /** Those that are being asked for the members. */
  const asked = new Set<Endpoint>();

  /**
   * Makes the attempts of a request, in a stream where there is one.
   * @param session - of each attempt anew: what is unanswered changes
   */
  function attempting<Result>(
    call: ServerCall<Result>,
    attempts: Attempts,
    session: () => SessionCommand | undefined = () => undefined,
  ): Attempt {
    return (endpoint, connectWithinMs, end) => {
      const command = session();
      const ended = (answer: ReceivedAnswer | 'refused' | 'lost', code = '') => {
        const result = resultOf(endpoint, answer, code, attempts);
        attempts.error = result.type === 'unavailable' ? result.reason : 'unreachable';
        if (result.type === 'elsewhere') attempts.error = 'redirected';
        end(result);
      };
      const overHttp = () => {
        const message = { ...call.overHttp(command), endpoint, connectWithinMs };
        return http.send(message, (answer, code) =>
          ended(typeof answer === 'string' ? answer : receivedOverHttp(answer, call.reader), code),
        );
      };
      const abandon =
        streams === null ? overHttp() : streams.ask(endpoint, call, command, ended, overHttp);
      return () => {
        attempts.error = 'unreachable';
        return abandon();
      };
    };
  }

  function resultOf(
    endpoint: Endpoint,
    answer: ReceivedAnswer | 'refused' | 'lost',
    code: string,
    attempts: Attempts,
  ): AttemptResult {
    if (typeof answer === 'string') {
      const fault = connectionFault(endpoint, code);
      attempts.note = fault ?? attempts.note;
      if (fault !== null) return { type: 'untrusted' };
      if (answer === 'lost') return { type: 'unknown', reason: 'connection-lost' };
      return { type: 'unavailable', reason: 'unreachable' };
    }
    attempts.answer = answer;
    const { result } = answer;
    const problem = result.type === 'elsewhere' ? redirectProblem(endpoint, result.leader) : null;
    if (problem === null) return result;
    attempts.note = problem;
    // To where it may not lead, it counts as one that does not say where.
    return { type: 'unavailable', reason: 'redirected' };
  }

  /**
   * Null when it may be followed, otherwise a sentence. A server that is not known may turn out to be
   * a member a moment later: the one that redirects there is asked, and the request comes again.
   */
  function redirectProblem(from: Endpoint, to: Endpoint): string | null {
    if (from.startsWith('https:') && !to.startsWith('https:')) {
      return `${from} redirects to ${to}, which is not encrypted: nothing was sent there.`;
    }
    if (source === undefined || (known.get(originOf(to)) ?? 0) > clock.now()) return null;
    if (!asked.has(from)) void askForMembers(from);
    return (
      `${from} redirects to ${to}, which it does not name as a member, so the token was not sent ` +
      'there: add that address to the endpoints if it is yours.'
    );
  }

  async function askForMembers(from: Endpoint): Promise<void> {
    asked.add(from);
    const { status: told } = await status(from, membersTimeoutMs);
    asked.delete(from);
    for (const member of Array.isArray(told?.members) ? told.members : []) {
      const address = originOf(String(objectIn(member).clientAddress));
      known.set(address, Math.max(known.get(address) ?? 0, clock.now() + memberKnownMs));
    }
  }

  /** What a server says of itself. Every server answers, leader or not. */
  function status(endpoint: Endpoint, timeoutMs: number): Promise<EndpointStatus> {
    return new Promise((resolve) => {
      const failed = (problem: string) => resolve({ endpoint, status: null, problem });
      const abandon = http.send({ ...readRequest('/v1/status'), endpoint }, (answer, code = '') => {
        clock.clearTimeout(timer);
        const fault = connectionFault(endpoint, code);
        if (fault !== null) failed(fault);
        else if (answer === 'refused') failed('could not be reached');
        else if (answer === 'lost') failed('closed the connection');
        else if (answer.status !== 200) failed(errorMessageIn(answer));
        else resolve({ endpoint, status: jsonIn(answer), problem: null });
      });
      const timer = clock.setTimeout(() => {
        abandon();
        failed(`did not answer within ${timeoutMs} ms`);
      }, timeoutMs);
    });
  }

  return { attempting, status, close: () => streams?.close() };
}

/** One address in one spelling. */
function originOf(endpoint: string): string {
  return URL.canParse(endpoint) ? new URL(endpoint).origin : endpoint;
}

/**
 * A port that shows a token with every request; a function is asked for it each time.
 * @throws TypeError for a text that cannot be a token
 */
export function tokenPort(http: HttpPort, source: TokenSource): HttpPort {
  if (typeof source === 'string' && !isToken(source)) {
    throw new TypeError('A token is one word without spaces, as it was printed; this is not one.');
  }
  return {
    send(request, done) {
      let abandon = () => false;
      let isAbandoned = false;
      const send = (secret: unknown) => {
        if (isAbandoned) return;
        if (!isToken(secret)) return done('refused', NO_TOKEN);
        const headers = { ...request.headers, Authorization: `Bearer ${secret}` };
        abandon = http.send({ ...request, headers }, done);
      };
      if (typeof source === 'string') send(source);
      else void (async () => source())().then(send, () => send(null));
      return () => {
        isAbandoned = true;
        return abandon();
      };
    },
    close: () => http.close(),
  };
}
