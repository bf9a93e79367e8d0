/**
 * Who may do what, by the token that a request shows: asked before its body is read, and before it
 * is sent on to the leader. Without tokens, whoever reaches the port may do everything.
 */
import type { IncomingMessage } from 'node:http';
import type { FastifyRequest } from '../vendor/fastify.ts';
import { Fault } from './errors.ts';
import { INSPECT_ROUTE } from './inspect-routes.ts';
import { LIST_PARAMETERS, LIST_ROUTE } from './list-route.ts';
import { keyOf } from './named-key.ts';
import { SESSION_ROUTE, SESSIONS_ROUTE } from './session-routes.ts';
import { STATUS_ROUTE } from './status-route.ts';
import { KEY_ROUTE, parametersOf } from './target.ts';
import { TokenConnections } from './token-connections.ts';
import { includesRole, ownsPrefix, type Token } from './tokens/token.ts';
import type { Tokens, WhyNot } from './tokens/tokens.ts';

export interface AccessOptions {
  /** Without them, everybody may do everything. */
  readonly tokens?: Tokens;
  /** Whether the state of this server needs a token, too; any will do. Default: it does not. */
  readonly closesStatus?: boolean;
}

/** What a route asks of a token. What is not here asks for one, whichever. */
const NEEDS: Readonly<Record<string, 'nothing' | 'status' | 'key' | 'list' | 'session'>> = {
  '/livez': 'nothing',
  [INSPECT_ROUTE]: 'nothing',
  [`${INSPECT_ROUTE}/*`]: 'nothing',
  '/readyz': 'status',
  '/readyz/:check': 'status',
  '/metrics': 'status',
  [STATUS_ROUTE]: 'status',
  [KEY_ROUTE]: 'key',
  [LIST_ROUTE]: 'list',
  [SESSIONS_ROUTE]: 'session',
  [SESSION_ROUTE]: 'session',
};

export class Access {
  readonly #tokens: Tokens | null;
  readonly #closesStatus: boolean;
  readonly #connections: TokenConnections | null;
  readonly #shown = new WeakMap<IncomingMessage, Token>();

  constructor({ tokens, closesStatus = false }: AccessOptions) {
    this.#tokens = tokens ?? null;
    this.#closesStatus = closesStatus;
    this.#connections = tokens === undefined ? null : new TokenConnections(tokens);
  }

  /** @throws Fault 401 or 403 */
  assertAllowed(request: FastifyRequest): void {
    if (this.#tokens === null) return;
    const need = NEEDS[request.routeOptions.url ?? ''] ?? 'any';
    if (need === 'nothing' || (need === 'status' && !this.#closesStatus)) return;
    const token = this.#tokenIn(request.raw, this.#tokens);
    this.#shown.set(request.raw, token);
    this.#connections?.note(request.raw.socket, token, 'read');
    if (need === 'any' || need === 'status') return;
    const reads = request.method === 'GET' || request.method === 'HEAD';
    assertRole(token, need !== 'session' && reads ? 'read' : 'write');
    if (need === 'key') assertKey(token, request.raw);
    if (need === 'list') assertList(token, request.raw);
  }

  get wantsTokens(): boolean {
    return this.#tokens !== null;
  }

  /** The token that an allowed request has shown; null without tokens. */
  tokenOf(request: IncomingMessage): Token | null {
    return this.#shown.get(request) ?? null;
  }

  /**
   * Whether the inspector may be looked at: by an administrator, for as long as the token counts.
   * @returns null, or 401 or 403
   */
  inspectorRefusal(request: IncomingMessage, secret: string | null): Fault | null {
    if (this.#tokens === null) return null;
    if (secret === null) return new Fault('unauthenticated', 'the inspector wants an admin token');
    const found = this.#tokens.find(secret);
    if (found.token === null) return new Fault('unauthenticated', WHY[found.why]);
    const { token } = found;
    this.#shown.set(request, token);
    if (!includesRole(token.role, 'admin')) {
      const sentence = `the token "${token.name}" may ${token.role}; the inspector wants an admin's`;
      return new Fault('forbidden', sentence);
    }
    this.#connections?.note(request.socket, token, 'admin');
    return null;
  }

  close(): void {
    this.#connections?.close();
  }

  #tokenIn({ headers }: IncomingMessage, tokens: Tokens): Token {
    const { authorization } = headers;
    if (authorization === undefined) throw unauthenticated(NO_TOKEN);
    const [, secret] = /^bearer +(\S+) *$/i.exec(authorization) ?? [];
    if (secret === undefined) throw unauthenticated(NO_BEARER);
    const found = tokens.find(secret);
    if (found.token === null) throw unauthenticated(WHY[found.why], 'invalid_token');
    return found.token;
  }
}

const NO_TOKEN =
  'this server wants a token: send Authorization: Bearer <token> (commands: --token-file <file>). ' +
  'curl -L drops it at a redirect to another port; --location-trusted keeps it';
const NO_BEARER = 'the header Authorization is not of the form Bearer <token>';
const WHY: Readonly<Record<WhyNot, string>> = {
  unknown: 'this token is not known here: it was revoked, or belongs to another cluster',
  expired: 'this token has expired: ask for a new one',
};

function unauthenticated(message: string, error?: string): Fault {
  const challenge = error === undefined ? 'Bearer' : `Bearer error="${error}"`;
  return new Fault('unauthenticated', message, { headers: { 'www-authenticate': challenge } });
}

function assertRole({ name, role }: Token, needed: Token['role']): void {
  if (includesRole(role, needed)) return;
  throw new Fault('forbidden', `the token "${name}" may ${role}, and this asks to ${needed}`);
}

function assertKey(token: Token, raw: IncomingMessage): void {
  const { name, prefixes } = token;
  if (prefixes.length === 0) return;
  if (ownsPrefix(token, keyOf(raw))) return;
  const own = listed(prefixes);
  throw new Fault('forbidden', `the token "${name}" is for keys that begin with ${own} only`);
}

function assertList(token: Token, request: IncomingMessage): void {
  const { name, prefixes } = token;
  if (prefixes.length === 0) return;
  const { prefix = '' } = parametersOf(request, LIST_PARAMETERS);
  if (ownsPrefix(token, prefix)) return;
  throw new Fault(
    'forbidden',
    `the token "${name}" lists keys that begin with ${listed(prefixes)} only: ask with ?prefix=`,
  );
}

function listed(prefixes: readonly string[]): string {
  return prefixes.map((prefix) => `"${prefix}"`).join(' or ');
}
