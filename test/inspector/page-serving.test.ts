/** The inspector's page and socket on a server: there only when asked for, and closed to the rest. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createService, type Service } from '../../src/service/service.ts';
import { ModelServer } from '../contracts/model-server.ts';
import { Page } from './pages.ts';

let folder: string;
let service: Service | null = null;
let port = 0;

/** A page as the build leaves it, with a secret beside it. */
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'statecraft-pages-'));
  mkdirSync(join(folder, 'inspector/assets'), { recursive: true });
  writeFileSync(
    join(folder, 'inspector/index.html'),
    '<script type="module" src="./assets/page.js"></script>',
  );
  writeFileSync(join(folder, 'inspector/assets/page.js'), 'export {};');
  writeFileSync(join(folder, 'secret'), 'secret');
  process.env.STATECRAFT_PAGES = folder;
});

afterEach(async () => {
  await service?.close();
  service = null;
});

afterAll(() => {
  delete process.env.STATECRAFT_PAGES;
  rmSync(folder, { recursive: true, force: true });
});

async function start(inspects?: boolean): Promise<ModelServer> {
  const server = new ModelServer();
  service = createService({
    ...{ server, advertisedClientAddress: 'http://raft.example:7101', requestTimeoutMs: 5_000 },
    ...{ version: '9.9.9', ...(inspects !== undefined && { inspects }) },
  });
  ({ port } = await service.listen({ host: '127.0.0.1', port: 0 }));
  return server;
}

const get = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${port}${path}`, init);

/** The status of a request whose path nobody tidies up. */
function statusOf(path: string): Promise<number> {
  return new Promise((resolve) => {
    const wire = connect(port, '127.0.0.1');
    wire.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n`);
    wire.once('data', (bytes) => {
      wire.destroy();
      resolve(Number(bytes.toString().split(' ')[1]));
    });
  });
}

describe('a server that was not asked to be inspected', () => {
  it('says so, and how one asks', async () => {
    await start();
    for (const path of ['/inspect', '/inspect/', '/inspect/assets/page.js', '/inspect/socket']) {
      const answer = await get(path);
      expect(answer.status).toBe(404);
      expect(await answer.json()).toMatchObject({
        error: { code: 'not_found', message: expect.stringContaining('npm start -- --inspect') },
      });
    }
  });

  it('has no socket', async () => {
    await start();
    const page = new Page(`ws://127.0.0.1:${port}/inspect/socket`);
    expect(await page.refused()).toMatchObject({ status: 404 });
  });
});

describe('a server that is inspected', () => {
  it('serves the page under a strict policy, and its files', async () => {
    await start(true);
    const page = await get('/inspect');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = page.headers.get('content-security-policy')?.split('; ') ?? [];
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy.find((each) => each.startsWith('connect-src'))).toBe(
      [
        "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*",
        `http://raft.example:7101 ws://raft.example:7101`,
        `http://127.0.0.1:${port} ws://127.0.0.1:${port}`,
      ].join(' '),
    );
    const [, source = ''] = /src="([^"]+)"/.exec(await page.text()) ?? [];
    expect(source).toBe('/inspect/assets/page.js');
    const script = await get(source);
    expect(script.headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    expect(await script.text()).toBe('export {};');
  });

  it('serves nothing from outside the folder, however it is asked', async () => {
    await start(true);
    for (const path of [
      ...[
        '/inspect/../secret',
        '/inspect/../../secret',
        '/inspect//secret',
        '/inspect/./index.html',
      ],
      ...['/inspect/%2e%2e/secret', '/inspect/..%2fsecret', '/inspect/..\\secret'],
      ...['/inspect/assets', '/inspect/assets/', '/inspect/__proto__', '/inspect/constructor'],
    ]) {
      expect([path, await statusOf(path)]).toEqual([path, 404]);
    }
  });

  it('takes nothing', async () => {
    await start(true);
    const answer = await get('/inspect', { method: 'POST' });
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });

  it('tells a page who it is and where the others are', async () => {
    const server = await start(true);
    const member = {
      id: 'b',
      peerAddress: '',
      clientAddress: 'http://127.0.0.1:7102',
      votes: true,
    };
    server.overrides = { members: [member] };
    const page = new Page(`ws://127.0.0.1:${port}/inspect/socket`, {
      origin: 'http://127.0.0.1:7102',
    });
    expect(await page.until(({ type }) => type === 'hello')).toMatchObject({
      ...{ source: 'server', id: 'a', clusterId: 'model', software: 'statecraft 9.9.9' },
      members: [{ id: 'b', clientAddress: 'http://127.0.0.1:7102' }],
    });
  });

  it('tells a page that it failed, and that it stops, and is not held up by pages', async () => {
    const server = await start(true);
    const page = new Page(`ws://127.0.0.1:${port}/inspect/socket`);
    await page.until(({ type }) => type === 'hello');
    server.failed$.next(new Error('the disk is full'));
    await page.until(({ type }) => type === 'failed');
    await service?.close();
    expect(await page.closed).toEqual({ code: 1001, reason: 'server a stops' });
    expect(page.records.slice(1)).toMatchObject([
      { type: 'failed', actor: null, message: 'the disk is full' },
      { type: 'ended', why: 'server a stops' },
    ]);
  });

  it('says how to build the page where that was not done', async () => {
    process.env.STATECRAFT_PAGES = join(folder, 'nowhere');
    await start(true);
    process.env.STATECRAFT_PAGES = folder;
    const answer = await get('/inspect');
    expect(answer.status).toBe(404);
    expect(await answer.text()).toContain('npm run build');
  });
});
