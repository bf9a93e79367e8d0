/** The stream of the key/value service (docs: Streaming): what requests mean, and what answers say. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { RefusalReason } from '../../src/ports/outcome.ts';
import * as requests from '../../src/streaming/requests.ts';
import { listening, turnUntil } from './listening.ts';
import type { StreamWire } from './stream-wire.ts';

const at = listening();
let wire: StreamWire;

beforeEach(async () => {
  await at.start();
  wire = await at.stream();
});

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe('a stream', () => {
  it('begins with a welcome that states its limits', async () => {
    expect(await wire.answer(0)).toEqual({
      type: 'welcome',
      messageBytesMax: 2_097_152,
      requestsMax: 1_024,
      deadlineMs: 5_000,
      serverId: 'a',
      clusterId: 'model',
      software: '9.9.9',
    });
    expect(at.service.inFlight.requests.used).toBe(0);
  });

  it('puts, appends, reads and deletes', async () => {
    wire.put(1, 'greeting', 'hello');
    const written = { index: 1, term: 3, revision: 1, length: 5 };
    expect(await wire.ask(1)).toEqual({ type: 'written', ...written });
    wire.write(2, { type: 'append', key: 'greeting', value: ', world' });
    expect(await wire.ask(2)).toMatchObject({ type: 'written', revision: 2, length: 12 });
    wire.get(3, 'greeting');
    const found = await wire.ask(3);
    expect(found).toMatchObject({ type: 'value', index: 2, term: 3, revision: 2 });
    expect(found.type === 'value' && text(found.value)).toBe('hello, world');
    wire.write(4, { type: 'delete', key: 'greeting' });
    expect(await wire.ask(4)).toMatchObject({ type: 'deleted', found: true });
    wire.write(5, { type: 'delete', key: 'greeting' });
    expect(await wire.ask(5)).toMatchObject({ type: 'deleted', found: false });
    wire.get(6, 'greeting', true);
    expect(await wire.ask(6)).toEqual({ type: 'no-such-key', index: 4, term: 3 });
    expect(at.server.queried.map(({ options }) => options.consistency)).toEqual([
      'linearizable',
      'stale',
    ]);
    expect(at.service.inFlight.requests.used).toBe(0);
    expect(at.service.inFlight.bodyBytes.used).toBe(0);
    expect(at.service.inFlight.answerBytes.used).toBe(0);
  });

  it('lists keys in pages', async () => {
    for (const [at, key] of ['a', 'ä', 'b'].entries()) wire.put(at + 1, key, key.repeat(at));
    await wire.ask(3);
    requests.writeList(wire.writer, 4, 0, { limit: 2 }, false);
    expect(await wire.ask(4)).toMatchObject({
      type: 'page',
      page: {
        items: [
          { key: 'a', revision: 1, length: 0 },
          { key: 'b', revision: 3, length: 2 },
        ],
        next: 'b',
      },
    });
    wire.withValues.add(5);
    requests.writeList(wire.writer, 5, 0, { after: 'b', values: true }, true);
    const page = await wire.ask(5);
    const value = new TextEncoder().encode('ä');
    expect(page).toMatchObject({
      page: { items: [{ key: 'ä', revision: 2, length: 2, value }], next: null },
    });
    requests.writeList(wire.writer, 6, 0, { prefix: 'zz' }, true);
    expect(await wire.ask(6)).toMatchObject({ page: { items: [], next: null } });
  });

  it('writes once in a session, however often it is asked', async () => {
    requests.writeOpenSession(wire.writer, 1, 0);
    const opened = await wire.ask(1);
    if (opened.type !== 'session-opened') throw new Error(opened.type);
    const { session, expiresAfterMs } = opened;
    expect(expiresAfterMs).toBe(3_600_000);
    const append = { type: 'append', key: 'k', value: 'x' } as const;
    wire.write(2, append, { session, sequence: 1 });
    const first = await wire.ask(2);
    wire.write(3, append, { session, sequence: 1, firstUnanswered: 1 });
    expect(await wire.ask(3)).toMatchObject({ ...first, index: expect.any(Number) });
    expect(at.server.proposed.at(-1)?.options.session).toEqual({
      ...{ session, sequence: 1 },
      firstUnanswered: 1,
    });
    wire.write(4, { type: 'delete', key: 'k' }, { session, sequence: 1 });
    expect(await wire.ask(4)).toMatchObject({ type: 'not-applied', code: 'bad_request' });
    requests.writeCloseSession(wire.writer, 5, 0, session);
    expect(await wire.ask(5)).toMatchObject({ type: 'session-closed' });
    wire.write(6, append, { session, sequence: 2 });
    expect(await wire.ask(6)).toMatchObject({ type: 'not-applied', code: 'session_expired' });
  });

  it('answers a ping, with the last applied index', async () => {
    wire.put(1, 'k', 'v');
    await wire.ask(1);
    requests.writePing(wire.writer, 7);
    expect(await wire.ask(7)).toEqual({ type: 'pong', index: 1 });
  });

  it('answers requests as they end, in any order, those of a turn in one message', async () => {
    wire.put(9, 'k', 'v');
    await wire.ask(9);
    const release = at.server.hold();
    for (let request = 1; request <= 3; request += 1) wire.put(request, 'slow', `${request}`);
    wire.send();
    await turnUntil(() => at.server.proposed.length === 4);
    expect(at.service.inFlight.requests.used).toBe(3);
    at.server.gate = Promise.resolve();
    wire.get(4, 'k');
    expect(await wire.ask(4)).toMatchObject({ type: 'value' });
    const before = wire.messages;
    release();
    await wire.answer(3);
    expect(wire.messages).toBe(before + 1);
    expect(wire.answers.map(({ request }) => request)).toEqual([0, 9, 4, 1, 2, 3]);
  });

  it('gives each call the time that the client names, and no more than its own', async () => {
    wire.write(1, { type: 'put', key: 'k', value: '' }, undefined, 1_234);
    await wire.ask(1);
    wire.write(2, { type: 'put', key: 'k', value: '' }, undefined, 90_000);
    await wire.ask(2);
    wire.put(3, 'k', '');
    await wire.ask(3);
    expect(at.server.proposed.map(({ options }) => options.timeoutMs)).toEqual([
      1_234, 4_800, 4_800,
    ]);
  });
});

describe('what was not applied says why', () => {
  it.each([
    ['not-ready', 'not_ready', 1_000],
    ['overloaded', 'overloaded', 1_000],
    ['too-large', 'too_large', 0],
    ['quota-exceeded', 'quota_exceeded', 0],
    ['session-expired', 'session_expired', 0],
    ['answer-discarded', 'answer_discarded', 0],
    ['command-failed', 'command_failed', 0],
    ['stopped', 'stopping', 1_000],
    ['overwritten', 'no_leader', 1_000],
    ['not-leader', 'no_leader', 1_000],
  ] as const)('%s is %s', async (reason: RefusalReason, code, retryAfterMs) => {
    at.server.refuse(reason);
    wire.put(1, 'k', 'v');
    wire.get(2, 'k');
    for (const request of [1, 2]) {
      const answer = await (request === 1 ? wire.ask(1) : wire.answer(2));
      expect(answer).toMatchObject({ type: 'not-applied', code, retryAfterMs, revision: 0 });
    }
  });

  it('names the leader, and where it answers clients', async () => {
    at.server.followLeader('b', 'https://b.example:7101');
    wire.put(1, 'k', 'v');
    expect(await wire.ask(1)).toMatchObject({
      ...{ type: 'not-applied', code: 'not_leader', retryAfterMs: 0 },
      ...{ leader: 'b', leaderAddress: 'https://b.example:7101' },
    });
  });

  it('names the revision with which a condition does not hold', async () => {
    wire.write(1, { type: 'put', key: 'k', value: '', ifAbsent: true });
    expect(await wire.ask(1)).toMatchObject({ type: 'written', revision: 1 });
    wire.write(2, { type: 'put', key: 'k', value: '', ifAbsent: true });
    const failed = { type: 'not-applied', code: 'condition_failed' };
    expect(await wire.ask(2)).toMatchObject({ ...failed, revision: 1 });
    wire.write(3, { type: 'append', key: 'k', value: '', ifRevision: 9 });
    expect(await wire.ask(3)).toMatchObject({ ...failed, revision: 1 });
    wire.write(4, { type: 'delete', key: 'k', ifRevision: 1 });
    expect(await wire.ask(4)).toMatchObject({ type: 'deleted', found: true });
    wire.write(5, { type: 'delete', key: 'k', ifExists: true });
    expect(await wire.ask(5)).toMatchObject({ ...failed, revision: 0 });
  });

  it.each(['leadership-lost', 'timed-out', 'stopped'] as const)(
    'of a write that is %s, nobody knows what becomes; a read has simply not been read',
    async (reason) => {
      at.server.forced = { outcome: 'unknown', reason };
      wire.put(1, 'k', 'v');
      requests.writeOpenSession(wire.writer, 2, 0);
      wire.get(3, 'k');
      expect(await wire.ask(1)).toMatchObject({ type: 'unknown', code: 'outcome_unknown' });
      expect(await wire.answer(2)).toMatchObject({ type: 'unknown', code: 'outcome_unknown' });
      expect(await wire.answer(3)).toMatchObject({ type: 'not-applied' });
    },
  );
});
