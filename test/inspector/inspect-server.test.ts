/** The door `statecraft/inspector`: anybody's own actors, on a page of their own. */
import { afterEach, describe, expect, it } from 'vitest';
import { createActor, createMachine, fromPromise } from 'xstate';
import { type InspectServer, inspectServer } from '../../src/inspector/index.ts';
import { Page } from './pages.ts';
import { brief } from './recorded.ts';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { go: 'red' } }, red: { on: { go: 'green' } } },
});
const other = createMachine({ id: 'light', initial: 'on', states: { on: {} } });

let server: InspectServer;
const open = () => new Page(`${server.url.replace('http', 'ws')}/socket`);

afterEach(() => server.close());

describe('inspectServer', () => {
  it('shows several systems, also those that were there before the page', async () => {
    server = await inspectServer({ name: 'lights' });
    const { inspect } = server;
    const first = createActor(light, { inspect, id: 'first' }).start();
    const gone = createActor(light, { inspect, id: 'gone' }).start();
    gone.stop();
    const settled = createActor(
      fromPromise(async () => 1),
      { inspect, id: 'settled' },
    ).start();
    await new Promise((resolve) => settled.subscribe({ complete: () => resolve(null) }));
    first.send({ type: 'go' });
    const page = open();
    await page.until(({ type }) => type === 'actor');
    createActor(other, { inspect, id: 'second' }).start();
    first.send({ type: 'go' });
    await page.until(({ type }) => type === 'transition');
    const seen = page.records.filter(({ type }) => type !== 'chart');
    expect(seen.map(brief)).toEqual(['hello', 'first is there', 'second is there', 'first: go']);
    expect(seen[0]).toMatchObject({ source: 'actors', id: 'lights', members: [{ id: 'lights' }] });
    expect(seen[1]).toMatchObject({ machine: 'light', value: 'red' });
    expect(seen[2]).toMatchObject({ machine: 'light (2)', value: 'on' });
  });

  it('gives each machine its picture, once, with the ids of its transitions', async () => {
    server = await inspectServer();
    const { inspect } = server;
    const page = open();
    await page.until(({ type }) => type === 'hello');
    const actor = createActor(light, { inspect }).start();
    createActor(light, { inspect }).start();
    actor.send({ type: 'go' });
    const drawn = await page.until(({ type }) => type === 'chart');
    expect(drawn).toMatchObject({ machine: 'light', chart: { id: 'light' } });
    expect(JSON.stringify(drawn)).toContain('light.green/go/0');
    const taken = await page.until(({ type }) => type === 'transition');
    expect(taken).toMatchObject({ transitions: ['light.green/go/0'] });
    const late = open();
    await late.until(({ type }) => type === 'chart');
    expect(page.records.filter(({ type }) => type === 'chart')).toHaveLength(1);
  });

  it('listens for this machine only', async () => {
    server = await inspectServer();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/inspect$/);
    await expect(inspectServer({ host: '0.0.0.0' })).rejects.toThrow(
      'for this machine only: 127.0.0.1, not 0.0.0.0',
    );
  });

  it('says who has its port, and what a port is', async () => {
    server = await inspectServer();
    const port = Number(new URL(server.url).port);
    const refusal = await inspectServer({ port }).catch((error) => error);
    expect(refusal).toMatchObject({ code: 'EADDRINUSE' });
    expect(refusal.message).toMatch(
      new RegExp(`^port ${port} of 127.0.0.1, for the inspector, is taken by .*: stop that, or`),
    );
    for (const none of [-1, 65_536, 1.5, Number.NaN, 'x', null]) {
      await expect(inspectServer({ port: none as number })).rejects.toThrow(
        /^inspectServer: the port is a whole number from 0 to 65535, not /,
      );
    }
  });

  it('lets go of pages and its port when it is closed, and actors go on', async () => {
    server = await inspectServer();
    const page = open();
    await page.until(({ type }) => type === 'hello');
    const actor = createActor(light, { inspect: server.inspect }).start();
    await Promise.all([server.close(), server.close()]);
    expect(await page.closed).toMatchObject({ code: 1001 });
    actor.send({ type: 'go' });
    expect(actor.getSnapshot().value).toBe('red');
    await expect(fetch(server.url)).rejects.toThrow();
  });
});
