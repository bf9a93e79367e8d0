/** The HTTP service keeps what it promises, whatever the server behind it answers (§8). */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StorageError } from '../../src/host/errors.ts';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

let server: ModelServer;
let service: Service;

beforeEach(() => {
  server = new ModelServer();
  service = serviceOf(server, { advertisedClientAddress: 'http://db.example:7101' });
});

afterEach(() => service.close());

type Method = 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | 'PATCH' | 'OPTIONS';

async function ask(
  method: Method,
  url: string,
  payload?: string | Buffer,
  headers: Record<string, string> = {},
) {
  return service.app.inject({
    method,
    url,
    headers: { host: '127.0.0.1:7101', ...headers },
    ...(payload === undefined ? {} : { payload }),
  });
}

const put = (key: string, value: string | Buffer, headers = {}) =>
  ask('PUT', `/v1/kv/${key}`, value, headers);
const get = (key: string, headers = {}) => ask('GET', `/v1/kv/${key}`, undefined, headers);
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;

describe('a value', () => {
  it('is what was put, with its revision as a strong tag', async () => {
    const written = await put('greeting', 'hello');
    expect(written.statusCode).toBe(200);
    expect(written.json()).toEqual({ key: 'greeting', revision: 1 });
    const read = await get('greeting');
    expect(read.statusCode).toBe(200);
    expect(read.body).toBe('hello');
    expect(read.headers).toMatchObject({
      'content-type': 'application/octet-stream',
      'x-content-type-options': 'nosniff',
      'content-length': '5',
      etag: '"1"',
      'statecraft-server': 'a',
      'statecraft-index': '1',
    });
  });

  it('is the same bytes, whatever the Content-Type, or none', async () => {
    const bytes = Buffer.from([0, 255, 13, 10, 0x80]);
    const types = ['application/x-www-form-urlencoded', 'application/json', 'nonsense', ';;', ''];
    for (const type of types) {
      await put('k', bytes, { 'content-type': type });
      expect((await get('k')).rawPayload).toEqual(bytes);
    }
  });

  it('may be empty', async () => {
    await ask('PUT', '/v1/kv/empty');
    const read = await get('empty');
    expect(read.statusCode).toBe(200);
    expect(read.rawPayload).toHaveLength(0);
  });

  it('may have exactly 1 MiB and not a byte more', async () => {
    const most = Buffer.alloc(1_048_576, 7);
    expect((await put('big', most)).statusCode).toBe(200);
    expect((await get('big')).rawPayload.equals(most)).toBe(true);
    const answer = await put('big', Buffer.alloc(1_048_577));
    expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'too_large']);
    expect((await get('big')).rawPayload).toHaveLength(1_048_576);
  });

  it('grows by append, and answers its length', async () => {
    await put('log', 'ab');
    const answer = await ask('POST', '/v1/kv/log/append', 'cde');
    expect(answer.json()).toEqual({ key: 'log', revision: 2, length: 5 });
    expect((await get('log')).body).toBe('abcde');
  });

  it('never grows beyond 1 MiB', async () => {
    await put('log', Buffer.alloc(1_048_576));
    const answer = await ask('POST', '/v1/kv/log/append', 'x');
    expect([answer.statusCode, codeOf(answer)]).toEqual([413, 'too_large']);
  });

  it('is gone once deleted, and there is nothing to delete twice', async () => {
    await put('k', 'v');
    const deleted = await ask('DELETE', '/v1/kv/k');
    expect([deleted.statusCode, deleted.json()]).toEqual([200, { deleted: true }]);
    expect(codeOf(await get('k'))).toBe('not_found');
    const again = await ask('DELETE', '/v1/kv/k');
    expect([again.statusCode, codeOf(again)]).toEqual([404, 'not_found']);
  });

  it('shows its headers to HEAD, and nothing else', async () => {
    await put('k', 'value');
    const head = await ask('HEAD', '/v1/kv/k');
    expect(head.statusCode).toBe(200);
    expect(head.headers).toMatchObject({ 'content-length': '5', etag: '"1"' });
    expect(head.body).toBe('');
    expect((await ask('HEAD', '/v1/kv/none')).statusCode).toBe(404);
  });
});

describe('a key', () => {
  const spellings: readonly [string, string][] = [
    ['a/b//c/', 'a/b//c/'],
    ['a%2Fb', 'a/b'],
    ['with%20space', 'with space'],
    ['a+b', 'a+b'],
    ['gr%C3%B6%C3%9Fe', 'größe'],
    ['%2525', '%25'],
    ['%F0%9F%90%98', '🐘'],
    ['append', 'append'],
    ['x/append', 'x/append'],
    ['%EF%BB%BFbom', '\ufeffbom'],
    ['a%00b', 'a\u0000b'],
  ];
  for (const [spelling, key] of spellings) {
    it(`is decoded once: ${spelling}`, async () => {
      const written = await put(spelling, 'v');
      expect(written.json()).toEqual({ key, revision: 1 });
      expect((await get(spelling)).body).toBe('v');
      expect(server.proposed[0]?.command.key).toBe(key);
    });
  }

  it('is what stands before the last segment, on POST', async () => {
    expect((await ask('POST', '/v1/kv/a/append/append', 'v')).json()).toMatchObject({
      key: 'a/append',
    });
  });

  it('has at most 4,096 bytes, however it is spelled', async () => {
    expect((await put('k'.repeat(4_096), 'v')).statusCode).toBe(200);
    expect((await put('%6b'.repeat(4_096), 'v')).statusCode).toBe(200);
    expect(codeOf(await put('k'.repeat(4_097), 'v'))).toBe('bad_request');
    expect(codeOf(await put('%C3%B6'.repeat(2_049), 'v'))).toBe('bad_request');
  });

  for (const spelling of ['', '%', '%1', '%zz', '%FF', '%C3', '%ED%A0%80', 'a%C3%28']) {
    it(`is refused as ${spelling || 'nothing'}`, async () => {
      for (const answer of [await put(spelling, 'v'), await get(spelling)]) {
        expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'bad_request']);
      }
      expect(server.proposed).toHaveLength(0);
    });
  }

  it('is not empty on POST either', async () => {
    for (const url of ['/v1/kv/append', '/v1/kv//append']) {
      expect((await ask('POST', url, 'v')).statusCode).toBe(400);
    }
  });
});

describe('a condition', () => {
  beforeEach(() => put('k', 'v'));
  const onEvery = async (headers: Record<string, string>, key = 'k') => [
    (await put(key, 'w', headers)).statusCode,
    (await ask('POST', `/v1/kv/${key}/append`, 'w', headers)).statusCode,
    (await ask('DELETE', `/v1/kv/${key}`, undefined, headers)).statusCode,
  ];

  it('by revision holds for the present one only', async () => {
    const stale = await put('k', 'w', { 'if-match': '"7"' });
    expect(stale.statusCode).toBe(412);
    expect(stale.headers.etag).toBe('"1"');
    expect(stale.json().error).toMatchObject({ code: 'condition_failed', revision: 1 });
    expect((await put('k', 'w', { 'if-match': '"1"' })).statusCode).toBe(200);
  });

  it('of existence is If-Match: *', async () => {
    expect(await onEvery({ 'if-match': '*' })).toEqual([200, 200, 200]);
    const answer = await put('none', 'w', { 'if-match': '*' });
    expect(answer.statusCode).toBe(412);
    expect(answer.json().error.revision).toBe(0);
    expect(await onEvery({ 'if-match': '*' }, 'none')).toEqual([412, 412, 412]);
  });

  it('of absence is If-None-Match: *', async () => {
    expect(await onEvery({ 'if-none-match': '*' })).toEqual([412, 412, 412]);
    expect((await put('new', 'w', { 'if-none-match': '*' })).statusCode).toBe(200);
  });

  const refused = ['1', 'W/"1"', '"1", "2"', '"x"', '', '"-1"', '"01"', '"99999999999999999"'];
  for (const value of refused) {
    it(`is refused when spelled If-Match: ${value}`, async () => {
      expect(await onEvery({ 'if-match': value })).toEqual([400, 400, 400]);
    });
  }

  it('is refused when spelled If-None-Match with a tag, or given twice over', async () => {
    expect(await onEvery({ 'if-none-match': '"1"' })).toEqual([400, 400, 400]);
    const both = { 'if-none-match': '*', 'if-match': '*' };
    expect(await onEvery(both)).toEqual([400, 400, 400]);
  });
});

describe('a list', () => {
  it('is in the order of key bytes, a page at a time', async () => {
    for (const key of ['b', 'a', 'c', '%F0%9F%90%98', '%EF%BF%BD']) await put(key, `v-${key}`);
    const first = (await ask('GET', '/v1/kv?limit=2')).json();
    expect(first.items.map((item: { key: string }) => item.key)).toEqual(['a', 'b']);
    expect(first.items[0]).toEqual({ key: 'a', revision: 2, length: 3 });
    expect(first.next).toBe('b');
    const rest = (await ask('GET', `/v1/kv?limit=3&after=${first.next}`)).json();
    expect(rest.items.map((item: { key: string }) => item.key)).toEqual(['c', '\ufffd', '🐘']);
    expect(rest.next).toBeNull();
  });

  it('carries values in base64 when asked, and keeps to a prefix', async () => {
    await put('p%2Fone', 'hello');
    await put('q', 'x');
    const page = (await ask('GET', '/v1/kv?prefix=p%2F&values=true')).json();
    expect(page.items).toEqual([{ key: 'p/one', revision: 1, length: 5, value: 'aGVsbG8=' }]);
  });

  it('is linearizable unless asked to be stale', async () => {
    await ask('GET', '/v1/kv');
    await ask('GET', '/v1/kv?consistency=stale');
    expect(server.queried.map(({ options }) => options.consistency)).toEqual([
      'linearizable',
      'stale',
    ]);
  });

  const refused = ['limit=0', 'limit=1001', 'limit=x', 'limit=', 'values=yes', 'prefix=%FF'].concat(
    ['nonsense=1', 'limit=1&limit=2', 'consistency=eventual', 'after=%'],
  );
  for (const query of refused) {
    it(`is refused for ?${query}`, async () => {
      const answer = await ask('GET', `/v1/kv?${query}`);
      expect([answer.statusCode, codeOf(answer)]).toEqual([400, 'bad_request']);
    });
  }
});

describe('a server that is not the leader', () => {
  it('redirects to the leader, with path and query as they were spelled', async () => {
    server.followLeader('b', 'http://127.0.0.1:7102');
    const targets = ['/v1/kv/a%2Fb%20c/d?consistency=linearizable', '/v1/kv?prefix=%C3%B6'];
    for (const target of targets) {
      const answer = await ask('GET', target);
      expect(answer.statusCode).toBe(307);
      expect(answer.headers.location).toBe(`http://127.0.0.1:7102${target}`);
      expect(answer.json().error.leader).toBe('b');
    }
    expect((await put('%25', 'v')).headers.location).toBe('http://127.0.0.1:7102/v1/kv/%25');
    expect((await ask('POST', '/v1/sessions')).statusCode).toBe(307);
    expect((await ask('DELETE', '/v1/sessions/5')).statusCode).toBe(307);
    expect((await ask('DELETE', '/v1/kv/k')).statusCode).toBe(307);
    expect((await ask('POST', '/v1/kv/k/append', 'v')).statusCode).toBe(307);
  });

  for (const [leader, address] of [
    [null, null],
    ['b', ''],
    ['b', null],
    ['a', 'http://x'],
  ]) {
    it(`answers at once when the leader is ${leader} at ${address}`, async () => {
      server.followLeader(leader ?? null, address ?? null);
      const answer = await put('k', 'v');
      expect([answer.statusCode, codeOf(answer)]).toEqual([503, 'no_leader']);
      expect(answer.headers['retry-after']).toBe('1');
    });
  }

  it('serves stale reads all the same', async () => {
    await put('k', 'v');
    server.followLeader(null, null);
    expect((await get('k?consistency=stale')).body).toBe('v');
  });

  it.each(['linearizable', 'stale'])('a %s answer says what it is', async (consistency) => {
    const wanted = { 'statecraft-consistency': consistency };
    expect((await get(`k?consistency=${consistency}`)).headers).toMatchObject(wanted);
    const list = await ask('GET', `/v1/kv?consistency=${consistency}`);
    expect(list.headers).toMatchObject(wanted);
  });
});

describe('an outcome', () => {
  const rows = [
    ['not-ready', 503, 'not_ready'],
    ['overloaded', 429, 'overloaded'],
    ['too-large', 413, 'too_large'],
    ['session-expired', 410, 'session_expired'],
    ['answer-discarded', 409, 'answer_discarded'],
    ['command-failed', 422, 'command_failed'],
    ['stopped', 503, 'stopping'],
  ] as const;
  for (const [reason, status, code] of rows) {
    it(`refused as ${reason} is ${status} ${code}`, async () => {
      server.refuse(reason);
      const answer = await put('k', 'v');
      expect([answer.statusCode, codeOf(answer)]).toEqual([status, code]);
    });
  }

  it('that was overwritten is a redirect or 503: it was definitely not applied', async () => {
    server.refuse('overwritten');
    expect((await put('k', 'v')).statusCode).toBe(503);
    server.overrides = { leader: 'b', leaderClientAddress: 'http://127.0.0.1:7102' };
    expect((await put('k', 'v')).statusCode).toBe(307);
  });

  for (const reason of ['leadership-lost', 'timed-out', 'stopped'] as const) {
    it(`unknown for ${reason} is 504 for a write, and never for a read`, async () => {
      server.forced = { outcome: 'unknown', reason };
      const writes = [
        await put('k', 'v'),
        await ask('POST', '/v1/kv/k/append', 'v'),
        await ask('DELETE', '/v1/kv/k'),
        await ask('POST', '/v1/sessions'),
      ];
      for (const answer of writes) {
        expect([answer.statusCode, codeOf(answer)]).toEqual([504, 'outcome_unknown']);
      }
      expect([503, 307]).toContain((await get('k')).statusCode);
    });
  }

  it('is asked for in less than the request timeout', async () => {
    await put('k', 'v');
    await get('k');
    const given = [server.proposed[0]?.options.timeoutMs, server.queried[0]?.options.timeoutMs];
    for (const timeoutMs of given) {
      expect(timeoutMs).toBeGreaterThan(4_500);
      expect(timeoutMs).toBeLessThan(5_000);
    }
  });
});

describe('a session', () => {
  const bear = (session: number, sequence: number, first?: number) => ({
    'statecraft-session': String(session),
    'statecraft-sequence': String(sequence),
    ...(first === undefined ? {} : { 'statecraft-first-unanswered': String(first) }),
  });

  it('gives the same sequence the first answer, and applies it once', async () => {
    const opened = await ask('POST', '/v1/sessions');
    expect(opened.statusCode).toBe(201);
    const { session, expiresAfterMs } = opened.json();
    expect(expiresAfterMs).toBe(3_600_000);
    const first = await ask('POST', '/v1/kv/k/append', 'x', bear(session, 1));
    const again = await ask('POST', '/v1/kv/k/append', 'x', bear(session, 1));
    expect(again.json()).toEqual(first.json());
    expect((await get('k')).body).toBe('x');
    await put('k', 'y', bear(session, 3, 3));
    expect(codeOf(await put('k', 'z', bear(session, 2)))).toBe('answer_discarded');
    expect((await ask('DELETE', `/v1/sessions/${session}`)).statusCode).toBe(200);
    const expired = await put('k', 'z', bear(session, 4));
    expect([expired.statusCode, codeOf(expired)]).toEqual([410, 'session_expired']);
    expect((await ask('DELETE', `/v1/sessions/${session}`)).statusCode).toBe(410);
    expect((await get('k')).body).toBe('y');
  });

  it('does not answer another kind of request with a kept answer', async () => {
    const { session } = (await ask('POST', '/v1/sessions')).json();
    await put('k', 'v', bear(session, 1));
    expect(codeOf(await ask('DELETE', '/v1/kv/k', undefined, bear(session, 1)))).toBe(
      'bad_request',
    );
  });

  const refused: readonly Record<string, string>[] = [
    { 'statecraft-session': '1' },
    { 'statecraft-sequence': '1' },
    { 'statecraft-first-unanswered': '1' },
    { 'statecraft-session': '1', 'statecraft-sequence': '0' },
    { 'statecraft-session': 'x', 'statecraft-sequence': '1' },
    { 'statecraft-session': '1', 'statecraft-sequence': '1.5' },
    { ...bear(1, 2, 3) },
  ];
  for (const headers of refused) {
    it(`is refused for ${JSON.stringify(headers)}`, async () => {
      expect(codeOf(await put('k', 'v', headers))).toBe('bad_request');
      expect(server.proposed).toHaveLength(0);
    });
  }

  it('is refused for a number that is none', async () => {
    for (const id of ['x', '0', '-1', '1.5', '1e3', '9'.repeat(200)]) {
      const { statusCode } = await ask('DELETE', `/v1/sessions/${id}`);
      expect([400, 404]).toContain(statusCode);
    }
  });
});

describe('every answer', () => {
  it('names the server and the applied index, errors too', async () => {
    await put('k', 'v');
    const answers = [
      await get('none'),
      await ask('GET', '/nowhere'),
      await ask('PATCH', '/v1/kv/k'),
      await ask('GET', '/v1/status'),
      await ask('GET', '/livez'),
      await ask('GET', '/metrics'),
      await get('k', { host: 'evil.example' }),
      await get('%FF'),
    ];
    for (const { headers } of answers) {
      expect(headers).toMatchObject({ 'statecraft-server': 'a', 'statecraft-index': '1' });
      expect(Object.keys(headers).filter((name) => /access-control/.test(name))).toEqual([]);
    }
  });

  it('to a Host of another name is 421', async () => {
    const ours = [
      '127.0.0.1',
      '10.1.2.3:7101',
      '[::1]:7101',
      'localhost:1',
      'LOCALHOST',
      'db.example:9',
    ];
    for (const host of ours) expect((await get('k', { host })).statusCode).toBe(404);
    const others = [
      'evil.example',
      'localhost.evil.example',
      'db.example.evil',
      '1.2.3.4.nip.io',
      '[x]',
      'a:b:c',
    ];
    for (const host of others) {
      const answer = await get('k', { host });
      expect([answer.statusCode, codeOf(answer)]).toEqual([421, 'wrong_host']);
    }
  });

  const unfit: readonly [Method, string, string][] = [
    ['PATCH', '/v1/kv/k', 'GET, HEAD, PUT, DELETE'],
    ['POST', '/v1/kv/k', 'GET, HEAD, PUT, DELETE'],
    ['OPTIONS', '/v1/kv/k', 'GET, HEAD, PUT, DELETE'],
    ['PATCH', '/v1/kv/k/append', 'GET, HEAD, PUT, DELETE, POST'],
    ['PUT', '/v1/kv', 'GET, HEAD'],
    ['POST', '/v1/status', 'GET, HEAD'],
    ['GET', '/v1/sessions', 'POST'],
    ['GET', '/v1/sessions/5', 'DELETE'],
    ['DELETE', '/livez', 'GET, HEAD'],
    ['PUT', '/readyz', 'GET, HEAD'],
    ['POST', '/metrics', 'GET, HEAD'],
  ];
  for (const [method, url, allow] of unfit) {
    it(`to ${method} ${url} is 405, and says what is allowed`, async () => {
      const answer = await ask(method, url);
      expect([answer.statusCode, codeOf(answer)]).toEqual([405, 'method_not_allowed']);
      expect(answer.headers.allow).toBe(allow);
    });
  }

  for (const url of [
    '/',
    '/v1',
    '/v1/kvx',
    '/v1/kv%2Fk',
    '/v2/kv/k',
    '/readyz/nothing',
    '/%',
    '//',
  ]) {
    it(`to ${url} is 404 in JSON`, async () => {
      const answer = await ask('GET', url);
      expect([answer.statusCode, codeOf(answer)]).toEqual([404, 'not_found']);
    });
  }
});

describe('the status', () => {
  it('has exactly the promised fields, also without a leader', async () => {
    const fields = ['id', 'pid', 'version', 'clusterId', 'role', 'term', 'leader']
      .concat(['leaderClientAddress', 'commitIndex', 'appliedIndex', 'lastLogIndex'])
      .concat([
        'snapshotIndex',
        'uptimeMs',
        'members',
        'peerSecurity',
        'storedBytes',
        'storedBytesMax',
        'snapshotsInstalled',
        'commandsFailed',
        'divergence',
      ]);
    const leading = (await ask('GET', '/v1/status')).json();
    expect(Object.keys(leading)).toEqual([...fields, 'followers']);
    expect(leading).toMatchObject({ id: 'a', pid: process.pid, version: '9.9.9', term: 3 });
    server.overrides = {
      role: 'candidate',
      leader: null,
      leaderClientAddress: null,
      followers: null,
    };
    const alone = (await ask('GET', '/v1/status')).json();
    expect(Object.keys(alone)).toEqual(fields);
    expect(alone.leader).toBeNull();
  });
});

const writesWith = (underWay: { readonly number: number; readonly forMs: number }) => ({
  ...{ count: 0, entries: 0, totalMs: 0 },
  underWay,
});

describe('health', () => {
  it('does not depend on states that differ: servers in the middle of an upgrade may', async () => {
    const digests = { a: 'x', b: 'y', c: 'y' };
    server.overrides = { divergence: { index: 9, digests, outvoted: ['a'] } };
    expect((await ask('GET', '/readyz')).statusCode).toBe(200);
  });

  it('does not mind a write that has just begun', async () => {
    server.overrides = { writes: writesWith({ number: 297, forMs: 1_000 }) };
    expect((await ask('GET', '/readyz')).body).toBe('ok');
  });

  it('is ok in one word, or by checks with ?verbose', async () => {
    expect((await ask('GET', '/livez')).body).toBe('ok');
    expect((await ask('GET', '/readyz')).body).toBe('ok');
    expect((await ask('GET', '/readyz?verbose')).body).toBe(
      '[+]running ok\n[+]leader_known ok\n[+]caught_up ok\n[+]storage_writable ok\n[+]member ok\n[+]accepting ok\nok\n',
    );
  });

  const rows = [
    ['leader_known', { role: 'follower', leader: null }, 'no leader is known'],
    ['leader_known', { isReady: false }, 'leads term 3, but has committed nothing in it yet'],
    ['caught_up', { commitIndex: 5_000 }, '5000 committed entries wait to be applied'],
    ['running', { role: 'stopped' }, 'the server has stopped'],
    ['running', { role: 'stopped', failure: new Error('it threw') }, 'it threw'],
    ['storage_writable', { failure: new StorageError('disk full') }, 'disk full'],
    [
      'storage_writable',
      { writes: writesWith({ number: 297, forMs: 12_345 }) },
      'write 297 has been under way for 12.3 s: the disk hangs',
    ],
    ['member', { members: [] }, 'a is not in the configuration'],
  ] as const;
  for (const [name, overrides, why] of rows) {
    it(`fails ${name} when ${why}`, async () => {
      server.overrides = overrides;
      const answer = await ask('GET', '/readyz?verbose');
      expect(answer.statusCode).toBe(503);
      expect(answer.body).toContain(`[-]${name} failed: ${why}\n`);
      expect((await ask('GET', `/readyz/${name}`)).statusCode).toBe(503);
      expect((await ask('GET', `/readyz?exclude=${name}`)).body).toBe('ok');
      expect((await ask('GET', '/livez')).statusCode).toBe(200);
    });
  }
});

describe('metrics', () => {
  it('say what the status says', async () => {
    await put('k', 'v');
    server.overrides = {
      followers: {
        b: { mode: 'replicate', hasLostEntries: false, matchIndex: 1, lag: 4, lastContactMs: 2 },
      },
    };
    const { body } = await ask('GET', '/metrics');
    const lines = ['raft_has_leader 1', 'raft_is_leader 1', 'raft_term 3', 'raft_applied_index 1']
      .concat(['raft_state{state="leader"} 1', 'raft_state{state="follower"} 0'])
      .concat(['raft_state{state="stopped"} 0', 'raft_commands_failed_total 0'])
      .concat(['raft_state_divergence 0', 'raft_state_compared_index 0'])
      .concat(['raft_follower_lag_entries{peer="b"} 4', 'raft_leader_changes_seen_total 1']);
    for (const line of lines) expect(body.split('\n')).toContain(line);
    expect(body).toContain('http_request_duration_seconds_count{method="PUT",status="200"} 1');
  });
});
