/** The client in a page of a real browser: it asks in a stream, and over HTTP where there is none. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'vite';
import { afterEach, beforeAll, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { root } from '../architecture/source-files.ts';
import { ModelServer, serviceOf } from '../contracts/model-server.ts';
import { inBrowser } from './in-browser.ts';

inBrowser('the client in a page', (open) => {
  let code = '';
  let page: Server;
  let service: Service;

  beforeAll(async () => {
    const result = await build({
      ...{ configFile: false, root, logLevel: 'silent' },
      build: {
        ...{ write: false, minify: false },
        lib: { entry: 'src/client/index.ts', formats: ['iife'], name: 'door' },
      },
    });
    const [output] = Array.isArray(result) ? result : [result];
    if (output === undefined || !('output' in output)) throw new Error('it was not bundled');
    ({ code } = output.output[0]);
  });

  afterEach(async () => {
    page.closeAllConnections();
    page.close();
    await service.close();
  });

  /** What a page of an allowed site, or another one, hears of two calls. */
  async function asked(secret: string, tokens: Tokens, isAllowed: boolean) {
    page = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>a page</title>');
    });
    await new Promise<void>((resolve) => page.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(page.address() as AddressInfo).port}`;
    service = serviceOf(new ModelServer(), {
      tokens,
      allowedOrigins: isAllowed ? [origin] : [],
    });
    const { port } = await service.listen({ host: '127.0.0.1', port: 0 });
    const tab = await open(origin, { mayFail: /./ });
    const outcomes = await tab.evaluate<unknown>(`(async () => {
      ${code}
      const client = door.connect({
        endpoints: ['http://127.0.0.1:${port}'], token: '${secret}', timeoutMs: 3000,
      });
      const puts = await Promise.all([1, 2, 3].map((value) => client.put('k' + value, 'v')));
      const got = await client.get('k2');
      return [...puts.map(({ outcome }) => outcome), got.result && [...got.result.value]];
    })()`);
    const metrics = (await service.app.inject('/metrics')).body;
    return { outcomes, streams: /^stream_connections (\d+)$/m.exec(metrics)?.[1] };
  }

  const made = makeToken({
    ...{ name: 'page', role: 'write', prefixes: [] },
    ...{ created: '2026-01-02T03:04:05Z', expires: null },
  });

  it('of a site that is allowed asks in a stream, with its token in the hello', async () => {
    const heard = await asked(made.secret, new Tokens([made.token]), true);
    expect(heard).toEqual({ outcomes: ['applied', 'applied', 'applied', [118]], streams: '1' });
  });

  it('of another site is let into neither', async () => {
    const { outcomes, streams } = await asked(made.secret, new Tokens([made.token]), false);
    expect(streams).toBe('0');
    expect(outcomes).not.toContain('applied');
  });
});
