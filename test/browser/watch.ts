/** Notes everything that a page must not do, whatever the test is about. */
import type { Page } from 'playwright-core';

/** Console messages that are the test's own doing, such as a socket to a server it has killed. */
export interface Watching {
  readonly mayFail?: RegExp;
}

const SILENT = new Set(['log', 'debug', 'info']);

/** The list grows while the page lives. */
export function watch(page: Page, { mayFail }: Watching = {}): readonly string[] {
  const troubles: string[] = [];
  const note = (trouble: string) => {
    if (mayFail?.test(trouble) !== true) troubles.push(trouble);
  };
  const judgeHost = (kind: string, url: string) => {
    if (!isLocal(url)) note(`${kind} to another host: ${url}`);
  };
  page.on('console', (message) => {
    if (!SILENT.has(message.type())) note(`console ${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => note(`error: ${error.stack ?? error.message}`));
  page.on('crash', () => note('the page crashed'));
  page.on('request', (request) => judgeHost('request', request.url()));
  page.on('websocket', (socket) => judgeHost('socket', socket.url()));
  page.on('requestfailed', (request) => {
    note(`request failed: ${request.url()} ${request.failure()?.errorText ?? ''}`);
  });
  page.on('response', (response) => {
    if (response.status() >= 400) note(`answer ${response.status()}: ${response.url()}`);
  });
  return troubles;
}

function isLocal(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  return protocol === 'data:' || protocol === 'blob:' || hostname === '127.0.0.1';
}
