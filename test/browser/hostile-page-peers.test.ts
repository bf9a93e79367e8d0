/**
 * A page of another site in a browser on the servers' own machine: it reaches both ports, as any page
 * may, and changes nothing.
 */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SUBPROTOCOL } from '../../src/node/peer-listener.ts';
import { RunningCluster } from '../cluster/running-cluster.ts';
import { eventually } from '../cluster/statuses.ts';
import { inBrowser } from './in-browser.ts';

/** What the browser says of what was refused to the page. */
const REFUSED = /^console error: |^answer 4\d\d: |^request failed: /;

interface Report {
  readonly sockets: readonly (number | 'open' | 'told')[];
  readonly requests: readonly (number | string)[];
}

/** Everything a page can try without being asked back, and with. */
async function attack(ports: { client: string; peer: string; protocol: string }): Promise<Report> {
  const socket = (url: string, protocols: string[]) =>
    new Promise<number | 'open' | 'told'>((done) => {
      const webSocket = new WebSocket(url, protocols);
      webSocket.onopen = () => done('open');
      webSocket.onmessage = () => done('told');
      webSocket.onclose = ({ code }) => done(code);
    });
  const request = (path: string, init: RequestInit) =>
    fetch(`${ports.client}${path}`, init).then(
      ({ status, type }) => (type === 'opaque' ? 'sent unread' : status),
      () => 'refused',
    );
  return {
    sockets: await Promise.all([
      socket(ports.peer, []),
      socket(ports.peer, [ports.protocol]),
      socket(`${ports.client.replace('http:', 'ws:')}/inspect/socket`, []),
    ]),
    requests: await Promise.all([
      request('/v1/kv/k', { method: 'PUT', body: 'forged' }),
      request('/v1/kv/k', { method: 'DELETE' }),
      request('/v1/kv/k/append', { method: 'POST', body: 'forged', mode: 'no-cors' }),
      request('/v1/sessions', { method: 'POST', mode: 'no-cors' }),
      request('/v1/kv/k', { method: 'GET' }),
    ]),
  };
}

/** A form that sends itself, as every page may make one. */
function formTo(action: string): string {
  return `document.body.innerHTML =
    '<form method="post" enctype="text/plain" action="${action}"><input name="forged"></form>';
    document.forms[0].submit()`;
}

inBrowser('a hostile page', (open) => {
  let cluster: RunningCluster;
  let site: Server;
  let url: string;
  beforeAll(async () => {
    cluster = await RunningCluster.start({ flags: ['--inspect'] });
    site = createServer((_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<!doctype html><title>Harmless</title><link rel="icon" href="data:,">');
    });
    await new Promise<void>((resolve) => site.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(site.address() as AddressInfo).port}/`;
  });
  afterAll(async () => {
    site?.close();
    await cluster?.stop();
  });

  it('changes no key, opens no session and no socket, and moves no server', async () => {
    const before = await cluster.leader();
    const client = cluster.endpoints[cluster.ids.indexOf(before.id)] ?? '';
    const written = await fetch(`${client}/v1/kv/k`, { method: 'PUT', body: 'right' });
    const { revision } = (await written.json()) as { revision: number };
    const page = await open(url, { mayFail: REFUSED });
    for (const offset of [0, 1, 2]) {
      const ports = {
        client: `http://127.0.0.1:${cluster.clientPort + offset}`,
        peer: `ws://127.0.0.1:${cluster.peerPort + offset}`,
        protocol: SUBPROTOCOL,
      };
      const report = await page.evaluate(attack, ports);
      const answered = page.waitForResponse(/append$/);
      await page.evaluate(formTo(`${ports.client}/v1/kv/k/append`));
      expect((await answered).status()).toBe(403);
      await page.waitForURL(/append$/);
      await page.goto(url);
      expect(report.sockets).toEqual([1006, 1006, 1006]);
      expect(report.requests).toEqual([
        'refused',
        'refused',
        'sent unread',
        'sent unread',
        'refused',
      ]);
    }
    for (const id of cluster.ids) {
      await cluster.says(
        new RegExp(`server ${id}: A connection from 127.0.0.1 .* a request from a web page`),
      );
    }
    const answer = await fetch(`${client}/v1/kv/k`);
    expect(await answer.text()).toBe('right');
    expect(answer.headers.get('etag')).toBe(`"${revision}"`);
    const after = await eventually('the leader answers', 10_000, () => cluster.leader());
    expect(after).toMatchObject({ id: before.id, term: before.term, lastLogIndex: revision });
  });
});
