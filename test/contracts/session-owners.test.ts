/** Sessions over HTTP belong to the token that opened them. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer, serviceOf } from './model-server.ts';

const token = (name: string) =>
  makeToken({
    ...{ name, role: 'admin', prefixes: [] },
    ...{ created: '2026-01-02T03:04:05Z', expires: null },
  });
const [alice, bob] = [token('alice'), token('bob')];

let server: ModelServer;
let service: Service;

function start(tokens: Tokens | null): void {
  server = new ModelServer();
  service = serviceOf(server, { tokens: tokens ?? undefined });
}

beforeEach(() => start(new Tokens([alice.token, bob.token])));
afterEach(() => service.close());

async function ask(
  method: 'POST' | 'PUT' | 'DELETE',
  url: string,
  who: { readonly secret: string } | null,
  session?: number,
) {
  const headers: Record<string, string> = {};
  if (who !== null) headers.authorization = `Bearer ${who.secret}`;
  if (session !== undefined) {
    Object.assign(headers, { 'statecraft-session': `${session}`, 'statecraft-sequence': '1' });
  }
  const answer = await service.app.inject({ method, url, headers });
  const { error, session: opened } = answer.json();
  const outcome = `${answer.statusCode} ${error?.code ?? ''}`.trim();
  return { outcome, message: String(error?.message ?? ''), session: Number(opened) };
}

describe('a session', () => {
  it('is written in and closed by the token that opened it', async () => {
    const { session } = await ask('POST', '/v1/sessions', alice);
    expect((await ask('PUT', '/v1/kv/k', alice, session)).outcome).toBe('200');
    expect((await ask('DELETE', `/v1/sessions/${session}`, alice)).outcome).toBe('200');
  });

  it('is nobody else’s, whatever role that one has', async () => {
    const { session } = await ask('POST', '/v1/sessions', alice);
    const before = server.applied$.value;
    for (const answer of [
      await ask('PUT', '/v1/kv/k', bob, session),
      await ask('POST', '/v1/kv/k/append', bob, session),
      await ask('DELETE', '/v1/kv/k', bob, session),
      await ask('DELETE', `/v1/sessions/${session}`, bob),
    ]) {
      expect(answer.outcome).toBe('403 forbidden');
      expect(answer.message).toBe(`session ${session} was not opened with the token "bob"`);
    }
    expect(server.proposed).toEqual([]);
    expect(server.applied$.value).toBe(before);
    expect((await ask('PUT', '/v1/kv/k', alice, session)).outcome).toBe('200');
  });

  it('that is not there is not proposed in: its number may be somebody’s a moment later', async () => {
    expect((await ask('PUT', '/v1/kv/k', bob, 99)).outcome).toBe('410 session_expired');
    expect((await ask('DELETE', '/v1/sessions/99', bob)).outcome).toBe('410 session_expired');
    expect(server.proposed).toEqual([]);
  });

  it('whose owner cannot be told is not written in: who leads knows', async () => {
    const { session } = await ask('POST', '/v1/sessions', alice);
    server.sessionOwner = async () => {
      return { outcome: 'refused', reason: 'not-leader', leader: 'b', retry: true } as const;
    };
    server.overrides = { role: 'follower', leader: 'b', leaderClientAddress: 'http://127.0.0.1:1' };
    expect((await ask('PUT', '/v1/kv/k', alice, session)).outcome).toBe('307 not_leader');
    server.sessionOwner = async () => ({ outcome: 'unknown', reason: 'timed-out' }) as const;
    expect((await ask('PUT', '/v1/kv/k', alice, session)).outcome).toBe('503 not_ready');
    expect(server.proposed).toEqual([]);
  });

  it('that was opened before there were tokens is nobody’s, and stays in use', async () => {
    await server.openSession();
    expect((await ask('PUT', '/v1/kv/k', bob, server.applied$.value)).outcome).toBe('200');
  });

  it('without tokens is everybody’s, whoever opened it', async () => {
    await service.close();
    start(null);
    await server.openSession({ owner: 'alice' });
    expect((await ask('PUT', '/v1/kv/k', null, server.applied$.value)).outcome).toBe('200');
    const { session } = await ask('POST', '/v1/sessions', null);
    expect(await server.sessionOwner(session)).toMatchObject({ result: '' });
  });
});
