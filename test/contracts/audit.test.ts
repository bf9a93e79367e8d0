/** What an audit log hears of requests: refusals, bounded by address, and writes when it asks for them. */
import type { IncomingMessage } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import { type AuditEvent, serviceAudit } from '../../src/service/audit.ts';
import type { ServiceOptions } from '../../src/service/context.ts';
import { HttpError } from '../../src/service/errors.ts';
import { createService, type Service } from '../../src/service/service.ts';
import { makeToken } from '../../src/service/tokens/token.ts';
import { Tokens } from '../../src/service/tokens/tokens.ts';
import { ModelServer } from './model-server.ts';

const app = makeToken({
  ...{ name: 'app', role: 'write', prefixes: ['app/'] },
  ...{ created: '2026-01-02T03:04:05Z', expires: null },
});

let service: Service;
let heard: AuditEvent[];

function start(options: Partial<ServiceOptions> = {}): void {
  heard = [];
  service = createService({
    ...{ server: new ModelServer(), advertisedClientAddress: 'http://127.0.0.1:7101' },
    ...{ requestTimeoutMs: 5_000, version: '9.9.9', tokens: new Tokens([app.token]) },
    onAudit: (event) => heard.push(event),
    ...options,
  });
}

afterEach(() => service?.close());

const authorization = `Bearer ${app.secret}`;
const ask = (method: 'GET' | 'PUT' | 'POST', url: string, headers: Record<string, string> = {}) =>
  service.app.inject({ method, url, headers });

describe('an audit log', () => {
  it('hears who was refused, where from, what for and why, and never a secret', async () => {
    start();
    await ask('PUT', `/v1/kv/k?token=${app.secret}`, { authorization: `Bearer ${app.secret}x` });
    await ask('PUT', '/v1/kv/k', { authorization });
    await ask('PUT', '/v1/kv/app/k', { authorization, origin: 'http://evil.example' });
    await ask('PUT', '/v1/kv/app/k', { authorization });
    const from = { event: 'refused', address: '127.0.0.1', method: 'PUT' };
    expect(heard).toEqual([
      {
        ...{ ...from, token: null, path: '/v1/kv/k', outcome: '401 unauthenticated' },
        why: expect.stringContaining('is not known here'),
      },
      {
        ...{ ...from, token: 'app', path: '/v1/kv/k', outcome: '403 forbidden' },
        why: 'the token "app" is for keys that begin with "app/" only',
      },
      {
        ...{ ...from, token: null, path: '/v1/kv/app/k', outcome: '403 forbidden' },
        why: expect.stringContaining('pages from http://evil.example may not send requests'),
      },
    ]);
    expect(JSON.stringify(heard)).not.toContain('statecraft_');
  });

  it('hears of every write and its answer when it asks for them, and of no read', async () => {
    start({ auditsWrites: true });
    await ask('GET', '/v1/kv/app/k', { authorization });
    await ask('PUT', '/v1/kv/app/k', { authorization });
    await ask('PUT', '/v1/kv/app/k', { authorization, 'if-none-match': '*' });
    await ask('POST', '/v1/sessions', { authorization });
    const from = { event: 'write', token: 'app', address: '127.0.0.1' };
    expect(heard).toEqual([
      { ...from, method: 'PUT', path: '/v1/kv/app/k', outcome: '200' },
      { ...from, method: 'PUT', path: '/v1/kv/app/k', outcome: '412' },
      { ...from, method: 'POST', path: '/v1/sessions', outcome: '201' },
    ]);
  });
});

describe('an audit log of writes', () => {
  it('hears of no write that was refused at the door but as a refusal, and of those with a bound', async () => {
    start({ auditsWrites: true });
    for (let number = 0; number < 60; number += 1) {
      await ask('PUT', '/v1/kv/app/k', { host: 'evil.example', authorization });
      await ask('POST', '/livez');
      await ask('PUT', '/v1/kv/app/k');
    }
    expect(heard.filter(({ event }) => event === 'write')).toEqual([]);
    expect(heard).toHaveLength(20);
  });

  it('is not filled by what a caller may send', async () => {
    start();
    await ask('PUT', '/v1/kv/k', { origin: `http://${'x'.repeat(20_000)}` });
    expect(JSON.stringify(heard).length).toBeLessThan(1_000);
  });
});

describe('refusals without end', () => {
  const fault = new HttpError('unauthenticated', 'no');
  const from = (remoteAddress: string) =>
    ({ socket: { remoteAddress }, method: 'GET', url: '/' }) as unknown as IncomingMessage;

  function audited() {
    const events: AuditEvent[] = [];
    const clock = { nowMs: 0 };
    const audit = serviceAudit(
      (event) => events.push(event),
      () => clock.nowMs,
    );
    return { events, clock, audit };
  }

  it('are told twenty times a minute for each address, and then counted', () => {
    const { events, clock, audit } = audited();
    for (let number = 0; number < 120; number += 1) audit.refused(from('10.0.0.1'), null, fault);
    audit.refused(from('10.0.0.2'), null, fault);
    expect(events).toHaveLength(21);
    clock.nowMs = 59_999;
    audit.flush();
    expect(events).toHaveLength(21);
    clock.nowMs = 60_000;
    audit.flush();
    expect(events.slice(21)).toEqual([
      { event: 'refused_untold', address: '10.0.0.1', count: 100 },
    ]);
    audit.refused(from('10.0.0.1'), null, fault);
    expect(events.at(-1)).toMatchObject({ event: 'refused', address: '10.0.0.1' });
    audit.close();
  });

  it('from all of a network that one caller has are told as from one', () => {
    const { events, audit } = audited();
    for (let number = 1; number <= 100; number += 1) {
      audit.refused(from(`2001:db8::${number.toString(16)}`), null, fault);
    }
    expect(events).toHaveLength(20);
    expect(events.at(-1)).toMatchObject({ address: '2001:db8::14' });
    audit.close();
  });

  it('from addresses without end are counted together, and told at the end', () => {
    const { events, audit } = audited();
    for (let number = 0; number < 1_500; number += 1) {
      audit.refused(from(`10.1.${number >> 8}.${number & 255}`), null, fault);
    }
    expect(events).toHaveLength(1_020);
    audit.close();
    expect(events.slice(1_020)).toEqual([
      { event: 'refused_untold', address: 'others', count: 480 },
    ]);
  });
});
