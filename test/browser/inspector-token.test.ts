/** The inspector of a cluster with TLS and tokens: the page asks for one, and shows it to all servers. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serverRequest } from '../../src/certificates/requests.ts';
import { createService, type Service } from '../../src/service/service.ts';
import { makeToken, type TokenRole } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { certified, newAuthority } from '../contracts/certified.ts';
import { freePorts } from '../contracts/loopback.ts';
import { ModelServer } from '../contracts/model-server.ts';
import { audit } from './audit.ts';
import { builtPages } from './built-pages.ts';
import { inBrowser } from './in-browser.ts';
import { cardOf } from './inspected-cluster.ts';

const CREATED = '2026-01-02T03:04:05.000Z';
const token = (name: string, role: TokenRole) =>
  makeToken({ name, role, prefixes: [], created: CREATED, expires: null });
const admin = token('admin', 'admin');
const writer = token('writer', 'write');
const own = { ignoreHTTPSErrors: true };
/** A socket that is cut off is an error in the browser's eyes, and so is an answer that hides from it. */
const CUT = {
  mayFail: /^console error: WebSocket connection to 'wss:|^request failed: https:\S+\/inspect /,
};

inBrowser('the inspector of a cluster with tokens', (open) => {
  const services: Service[] = [];
  const tokens = new Tokens([admin.token, writer.token]);
  let url: string;

  beforeAll(async () => {
    process.env.STATECRAFT_PAGES = builtPages;
    const names = serverRequest([{ type: 'ip', value: '127.0.0.1' }]);
    const { cert, key } = await certified(await newAuthority(), names);
    const ports = await freePorts(2);
    const members = ['a', 'b'].map((id, at) => {
      return { id, peerAddress: '', clientAddress: `https://127.0.0.1:${ports[at]}`, votes: true };
    });
    for (const [at, { id, clientAddress }] of members.entries()) {
      const server = new ModelServer(id);
      server.overrides = { members };
      const options = { server, advertisedClientAddress: clientAddress, requestTimeoutMs: 5_000 };
      const service = createService({
        ...options,
        ...{ version: '9.9.9', tls: { cert, key }, tokens, inspects: true },
      });
      services.push(service);
      await service.listen({ host: '127.0.0.1', port: ports[at] ?? 0 });
    }
    url = `${members[0]?.clientAddress}/inspect`;
  });

  afterAll(async () => {
    for (const service of services) await service.close();
  });

  const dialog = (page: Page) =>
    page.getByRole('dialog', { name: 'This cluster requires a token' });
  async function show(page: Page, secret: string): Promise<void> {
    await dialog(page).getByLabel('Admin token').fill(secret);
    await page.keyboard.press('Enter');
  }
  const connected = (page: Page, id: string) =>
    cardOf(page, id).filter({ hasText: 'connected' }).waitFor();

  it('asks for one, says what is wrong with another, and tells all servers of the right one', async () => {
    const page = await open(url, own);
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.url(), JSON.stringify(request.headers())));
    page.on('websocket', (socket) => sent.push(socket.url()));
    await dialog(page).getByText('the inspector requires an admin token').waitFor();
    expect(await audit(page)).toEqual([]);
    await show(page, 'statecraft_nonsense');
    await dialog(page).getByText('this token is not known here').waitFor();
    await show(page, writer.secret);
    await dialog(page).getByText('the token "writer" may write').waitFor();
    await show(page, ` ${admin.secret} `);
    await dialog(page).waitFor({ state: 'detached' });
    await Promise.all(['a', 'b'].map((id) => connected(page, id)));
    expect(new Set(sent.filter((text) => text.startsWith('wss://'))).size).toBe(2);
    expect(sent.join()).not.toContain(admin.secret);
    expect(page.url()).toBe(url);
    await page.reload();
    await Promise.all(['a', 'b'].map((id) => connected(page, id)));
  });

  it('may be closed, and asks again when one wants it to', async () => {
    const page = await open(url, own);
    await dialog(page).getByRole('button', { name: 'Close' }).click();
    await dialog(page).waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Show a token' }).click();
    await show(page, admin.secret);
    await Promise.all(['a', 'b'].map((id) => connected(page, id)));
  });

  it('asks for another one when this one counts no more', async () => {
    const page = await open(url, { ...own, ...CUT });
    await dialog(page).waitFor();
    await show(page, admin.secret);
    await Promise.all(['a', 'b'].map((id) => connected(page, id)));
    tokens.replace([writer.token]);
    await dialog(page).getByText('this token is not known here').waitFor();
    expect(await page.evaluate('sessionStorage.length')).toBe(0);
  });
});
