/** Requests a second: of each token, or of each address. */
import { afterEach, describe, expect, it } from 'vitest';
import { requestRate } from '../../src/service/request-rate.ts';
import type { Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer, serviceOf } from './model-server.ts';

describe('a rate of requests', () => {
  const isAllowed = (rate: (caller: string) => void, caller: string) => {
    try {
      rate(caller);
      return true;
    } catch {
      return false;
    }
  };

  it('lets one second’s worth come at once, then as many as the time allows', () => {
    let now = 0;
    const rate = requestRate(10, () => now);
    const burst = (caller: string) =>
      Array.from({ length: 15 }, () => isAllowed(rate, caller)).filter(Boolean).length;
    expect(burst('a')).toBe(10);
    now = 100;
    expect(burst('a')).toBe(1);
    now = 60_000;
    expect(burst('a')).toBe(10);
    expect(burst('b')).toBe(10);
  });

  it('says who asks too often, and how often is allowed', () => {
    const rate = requestRate(1, () => 0);
    rate('192.0.2.1');
    expect(() => rate('192.0.2.1')).toThrow(/192\.0\.2\.1 sends more than 1 requests/);
  });

  it('remembers a bounded number of callers, and forgets who asked first', () => {
    const rate = requestRate(1, () => 0);
    for (let caller = 0; caller < 10_001; caller += 1) rate(`${caller}`);
    expect(isAllowed(rate, '10000')).toBe(false);
    expect(isAllowed(rate, '0')).toBe(true);
  });
});

describe('over HTTP', () => {
  let service: Service;
  afterEach(() => service.close());

  const start = (tokens?: Tokens) => {
    service = serviceOf(new ModelServer(), { requestsPerSecondMax: 3, tokens });
  };
  const ask = async (url: string, secret?: string) => {
    const headers = secret === undefined ? {} : { authorization: `Bearer ${secret}` };
    const { statusCode } = await service.app.inject({ method: 'GET', url, headers });
    return statusCode;
  };

  it('each address has its own share, and is told to come back; health is not counted', async () => {
    start();
    const statuses = [];
    for (let count = 0; count < 5; count += 1) statuses.push(await ask('/v1/kv/none'));
    expect(statuses).toEqual([404, 404, 404, 429, 429]);
    expect(await ask('/readyz')).toBe(200);
    const refused = await service.app.inject({ method: 'GET', url: '/v1/kv/none' });
    expect(refused.headers['retry-after']).toBe('1');
    const elsewhere = { method: 'GET', url: '/v1/kv/none', remoteAddress: '192.0.2.7' } as const;
    expect((await service.app.inject(elsewhere)).statusCode).toBe(404);
  });

  it('each token has its own share, wherever it is shown', async () => {
    const [one, other] = ['one', 'other'].map((name) =>
      makeToken({
        name,
        role: 'read',
        prefixes: [],
        created: '2026-01-01T00:00:00Z',
        expires: null,
      }),
    );
    if (one === undefined || other === undefined) throw new Error('two were made');
    start(new Tokens([one.token, other.token]));
    for (let count = 0; count < 3; count += 1) await ask('/v1/kv/none', one.secret);
    expect(await ask('/v1/kv/none', one.secret)).toBe(429);
    expect(await ask('/v1/kv/none', other.secret)).toBe(404);
  });
});
