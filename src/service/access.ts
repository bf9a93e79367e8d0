/**
 * Who may do what, by the token that a request shows: decided before its body is read, and before it
 * is redirected to the leader. Without tokens, anyone who can reach the port may do everything.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from '../vendor/fastify.ts';
import { HttpError } from './errors.ts';
import { keyOf } from './named-key.ts';
import { LIST_PARAMETERS, ROUTES } from './routes.ts';
import { queryParametersOf } from './target.ts';
import { type TokenHolder, tokenConnections } from './token-connections.ts';
import { includesRole, ownsPrefix, type Token } from './tokens/token.ts';
import type { TokenProblem, Tokens } from './tokens/tokens.ts';

export interface AccessOptions {
  /** Without them, anyone may do everything. */
  readonly tokens?: Tokens | undefined;
  /** Whether the state of this server requires a token, too; any will do. Default: it does not. */
  readonly closesStatus?: boolean;
}

export type Access = ReturnType<typeof accessOf>;

export function accessOf({ tokens, closesStatus = false }: AccessOptions) {
  const connections = tokens && tokenConnections(tokens);
  const shown = new WeakMap<IncomingMessage, Token>();
  return {
    wantsTokens: tokens !== undefined,
    /** The token that an allowed request has shown; null without tokens. */
    tokenOf: (request: IncomingMessage) => shown.get(request) ?? null,
    /** @throws HttpError 401 or 403 */
    assertAllowed({ raw, method, routeOptions }: FastifyRequest): void {
      if (tokens === undefined) return;
      // Any token will do for what is not in the table.
      const need = ROUTES[routeOptions.url ?? '']?.needs ?? 'any';
      if (need === 'nothing' || (need === 'status' && !closesStatus)) return;
      const token = knownToken(secretIn(raw), tokens);
      shown.set(raw, token);
      connections?.add(raw.socket, token, 'read');
      if (need === 'any' || need === 'status') return;
      const reads = method === 'GET' || method === 'HEAD';
      assertRole(token, need !== 'session' && reads ? 'read' : 'write');
      if (token.prefixes.length === 0) return;
      if (need === 'key') assertKey(token, keyOf(raw));
      if (need === 'list') assertList(token, queryParametersOf(raw, LIST_PARAMETERS).prefix ?? '');
    },
    /**
     * The inspector may be used by an administrator, for as long as the token is valid.
     * @throws HttpError 401 or 403
     */
    assertMayInspect(request: IncomingMessage, secret: string | null): void {
      if (tokens === undefined) return;
      if (secret === null) throw unauthenticated('the inspector requires an admin token');
      const token = knownToken(secret, tokens);
      shown.set(request, token);
      if (!includesRole(token.role, 'admin')) {
        const message = `the token "${token.name}" may ${token.role}; the inspector requires an admin token`;
        throw new HttpError('forbidden', message);
      }
      connections?.add(request.socket, token, 'admin');
    },
    /**
     * By the token in the first message of a stream, which ends with it; null without tokens.
     * @throws HttpError 401
     */
    admitStream(secret: string, stream: TokenHolder): Token | null {
      if (tokens === undefined) return null;
      if (secret === '') throw unauthenticated(NO_TOKEN_IN_HELLO);
      const token = knownToken(secret, tokens);
      connections?.add(stream, token, 'read');
      return token;
    },
    /** A token as it is now. @throws HttpError 401 when it counts no more */
    present(token: Token): Token {
      const now = tokens?.now(token);
      if (now) return now;
      throw unauthenticated(PROBLEM.unknown, ' error="invalid_token"');
    },
    close: () => connections?.close(),
  };
}

function secretIn({ headers: { authorization } }: IncomingMessage): string {
  if (authorization === undefined) throw unauthenticated(NO_TOKEN);
  const [, secret] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
  if (secret === undefined) throw unauthenticated(NO_BEARER);
  return secret;
}

function knownToken(secret: string, tokens: Tokens): Token {
  const found = tokens.find(secret);
  if (found.token === null) throw unauthenticated(PROBLEM[found.why], ' error="invalid_token"');
  return found.token;
}

const NO_TOKEN =
  'this server requires a token: send Authorization: Bearer <token> (commands: --token-file <file>). ' +
  'curl -L drops it at a redirect to another port; --location-trusted keeps it';
const NO_TOKEN_IN_HELLO = 'this server requires a token: show it in the hello';
const NO_BEARER = 'the header Authorization is not of the form Bearer <token>';
const PROBLEM: Readonly<Record<TokenProblem, string>> = {
  unknown: 'this token is not known here: it was revoked, or belongs to another cluster',
  expired: 'this token has expired: ask for a new one',
};

function unauthenticated(message: string, problem = ''): HttpError {
  const headers = { 'www-authenticate': `Bearer${problem}` };
  return new HttpError('unauthenticated', message, { headers });
}

/** @throws HttpError 403 */
export function assertRole({ name, role }: Token, needed: Token['role']): void {
  if (includesRole(role, needed)) return;
  throw new HttpError(
    'forbidden',
    `the token "${name}" may ${role}, and this requires the role ${needed}`,
  );
}

/** @throws HttpError 403 */
export function assertKey(token: Token, key: string): void {
  if (!ownsPrefix(token, key)) throw otherKeys(token, 'is for', '');
}

/** @throws HttpError 403 */
export function assertList(token: Token, prefix: string): void {
  if (!ownsPrefix(token, prefix)) throw otherKeys(token, 'lists', ': ask with ?prefix=');
}

function otherKeys({ name, prefixes }: Token, may: string, advice: string): HttpError {
  const own = prefixes.map((prefix) => `"${prefix}"`).join(' or ');
  const message = `the token "${name}" ${may} keys that begin with ${own} only${advice}`;
  return new HttpError('forbidden', message);
}
