/** Requests a second of one caller, where a server is asked to bound them. */
import fc from 'fast-check';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { RequestRate } from '../../src/service/request-rate.ts';
import { createService } from '../../src/service/service.ts';
import { ModelServer } from './model-server.ts';

describe('a bucket', () => {
  test('lets a second of requests pass at once, then one whenever there is one again', () => {
    const rate = new RequestRate(4);
    const waits = [0, 0, 0, 0, 0, 100, 250, 251].map((now) => rate.waitMs('ada', now));
    expect(waits).toEqual([0, 0, 0, 0, 250, 150, 0, 249]);
    expect(rate.waitMs('bob', 251)).toBe(0);
  });

  test('less than one a second is one now and then', () => {
    const rate = new RequestRate(0.5);
    expect([0, 1, 1_999, 2_000].map((now) => rate.waitMs('ada', now))).toEqual([0, 1_999, 1, 0]);
  });

  test('never lets more pass than it should, whenever they come', () => {
    const gaps = fc.array(fc.nat(300), { minLength: 1, maxLength: 100 });
    const property = fc.property(gaps, fc.integer({ min: 1, max: 20 }), (gaps, perSecond) => {
      const rate = new RequestRate(perSecond);
      let now = 0;
      const passed = gaps.filter((gap) => {
        now += gap;
        return rate.waitMs('ada', now) === 0;
      });
      expect(passed.length).toBeLessThanOrEqual(perSecond + (now / 1_000) * perSecond);
    });
    fc.assert(property);
  });

  test('is forgotten when it is full again, and many callers take little', () => {
    const rate = new RequestRate(1);
    for (let i = 0; i < 30_000; i += 1) rate.waitMs(`caller ${i}`, i / 100);
    expect(rate.callers).toBe(10_000);
    rate.waitMs('late', 10_000);
    expect(rate.callers).toBe(1);
  });
});

describe('a service', () => {
  afterEach(() => vi.restoreAllMocks());

  test('refuses what is too often, before it is read, and says when to come again', async () => {
    const now = vi.spyOn(performance, 'now').mockReturnValue(0);
    const server = new ModelServer();
    const bounds = { requestsPerSecond: 2 };
    const advertisedClientAddress = 'http://127.0.0.1:7101';
    const service = createService({
      ...{ server, advertisedClientAddress, requestTimeoutMs: 5_000, version: '9.9.9', bounds },
    });
    const ask = (remoteAddress: string, url = '/v1/kv/k') =>
      service.app.inject({ url, remoteAddress, headers: { host: 'localhost' } });
    const statuses = async (...asked: ReturnType<typeof ask>[]) =>
      (await Promise.all(asked)).map(({ statusCode }) => statusCode);
    const [a, b] = ['10.0.0.1', '10.0.0.2'];
    expect(await statuses(ask(a), ask(a), ask(a), ask(b))).toEqual([404, 404, 429, 404]);
    const refused = await ask(a);
    expect(refused.headers).toMatchObject({ 'retry-after': '1', 'statecraft-server': 'a' });
    expect(refused.json().error.message).toBe(
      'server a takes 2 requests a second from one caller (address 10.0.0.1), and this is one too ' +
        'many; nothing was changed, try again in 500 ms',
    );
    expect(await statuses(ask(a, '/livez'), ask(a, '/readyz'))).toEqual([200, 200]);
    now.mockReturnValue(500);
    expect(await statuses(ask(a), ask(a))).toEqual([404, 429]);
    await service.close();
  });
});
