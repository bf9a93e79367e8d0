/** Who may look inside a server with tokens: only an administrator, and only as long. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AuditEvent } from '../../src/service/audit.ts';
import { createService, type Service } from '../../src/service/service.ts';
import { makeToken, type TokenRole } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer } from '../contracts/model-server.ts';
import { Page } from './pages.ts';

const created = '2026-01-02T03:04:05.000Z';
const token = (name: string, role: TokenRole, expires: string | null = null) =>
  makeToken({ name, role, prefixes: [], created, expires });
const admin = token('admin', 'admin');
const writer = token('writer', 'write');
const old = token('old', 'admin', created);

let tokens: Tokens;
let service: Service;
let address: string;
let heard: AuditEvent[];
const pages: Page[] = [];

beforeEach(async () => {
  heard = [];
  tokens = new Tokens([admin.token, writer.token, old.token]);
  service = createService({
    ...{ server: new ModelServer(), advertisedClientAddress: 'http://127.0.0.1:7101' },
    ...{ requestTimeoutMs: 5_000, version: '9.9.9', inspects: true, tokens },
    onAudit: (event) => heard.push(event),
  });
  const { port } = await service.listen({ host: '127.0.0.1', port: 0 });
  address = `127.0.0.1:${port}`;
});

afterEach(async () => {
  for (const { socket } of pages.splice(0)) socket.terminate();
  await service.close();
});

function page(secret: string | null, origin?: string): Page {
  const shown = secret === null ? [] : ['statecraft.inspection', `statecraft.token.${secret}`];
  const options = origin === undefined ? {} : { origin };
  const opened = new Page(`ws://${address}/inspect/socket`, options, shown);
  pages.push(opened);
  return opened;
}

describe('the socket of a server with tokens', () => {
  it('tells an administrator, and does not send the token back', async () => {
    const looking = page(admin.secret);
    await looking.until(({ type }) => type === 'hello');
    expect(looking.socket.protocol).toBe('statecraft.inspection');
    expect(heard).toEqual([]);
  });

  it.each([
    ['none', null, 4401, /^the inspector requires an admin token$/],
    [
      'one that nobody knows',
      `${admin.secret.slice(0, -1)}~`,
      4401,
      /^this token is not known here/,
    ],
    ['one that has expired', old.secret, 4401, /^this token has expired/],
    [
      'one of a lesser role',
      writer.secret,
      4403,
      /^the token "writer" may write; the inspector requires/,
    ],
  ])('tells nothing to a page with %s but why', async (_, secret, code, why) => {
    const looking = page(secret);
    const told = looking.until(() => true).catch(() => looking.closed);
    expect(await Promise.race([looking.closed, told])).toMatchObject({
      code,
      reason: expect.stringMatching(why),
    });
    expect(looking.records).toEqual([]);
    expect(heard).toMatchObject([
      { event: 'refused', path: '/inspect/socket', token: code === 4403 ? 'writer' : null },
    ]);
    expect(JSON.stringify(heard)).not.toContain('statecraft_');
  });

  it('refuses pages of other origins whatever they show, and tells those of its own', async () => {
    expect(await page(admin.secret, 'http://evil.example').refused()).toMatchObject({
      status: 403,
    });
    const own = page(admin.secret, `http://${address}`);
    await own.until(({ type }) => type === 'hello');
  });

  it('is not opened by a token in the address', async () => {
    const looking = new Page(`ws://${address}/inspect/socket?token=${admin.secret}`);
    pages.push(looking);
    expect(await looking.closed).toMatchObject({ code: 4401 });
  });

  it('ends when the token is revoked, or is an administrator’s no more', async () => {
    for (const left of [[writer.token], [{ ...admin.token, role: 'write' as const }]]) {
      tokens.replace([admin.token, writer.token]);
      const looking = page(admin.secret);
      await looking.until(({ type }) => type === 'hello');
      tokens.replace(left);
      await looking.closed;
    }
  });
});
