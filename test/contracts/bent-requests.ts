/** Requests to the service, bent in what they say; how they are framed is right. */
import fc from 'fast-check';

const NUMBERS = ['0', '-1', '1.5', '1e3', 'NaN', '', '9007199254740993', '0x1', '__proto__', '٣'];
const PARTS = ['%zz', '%', '%00', '%FF%FE', '%2e%2e', '../..', '__proto__', 'k'.repeat(5_000), 'é'];
const QUERIES = [
  '?consistency=stale',
  '?consistency=',
  '?consistency=eventual',
  '?consistency=stale&consistency=stale',
  '?__proto__=1',
  '?limit=5&values=true&prefix=k&after=a',
  '?values=perhaps',
  '?values=perhaps&limit=1',
  '?after=%zz',
  '?&&',
  ...NUMBERS.map((number) => `?limit=${number}`),
];
/** What can be asked, before anything is bent. */
const ASKED: readonly (readonly [method: string, path: string])[] = [
  ['GET', '/v1/kv/k'],
  ['HEAD', '/v1/kv/k'],
  ['PUT', '/v1/kv/k'],
  ['PUT', '/v1/kv/k'],
  ['PUT', '/v1/kv/l%20m'],
  ['POST', '/v1/kv/k/append'],
  ['DELETE', '/v1/kv/k'],
  ['GET', '/v1/kv'],
  ['GET', '/v1/kv'],
  ['POST', '/v1/sessions'],
  ['DELETE', '/v1/sessions/7'],
  ['GET', '/v1/status'],
  ['GET', '/livez'],
  ['GET', '/inspect'],
  ['GET', 'http://127.0.0.1/v1/kv/k'],
  ['PUT', '/v1/kv/'],
];
const METHODS = ['GET', 'PUT', 'POST', 'DELETE', 'HEAD', 'PATCH', 'OPTIONS'];

const one = (...values: readonly string[]) => fc.constantFrom(...values);
const rarely = <T>(arbitrary: fc.Arbitrary<T>, usual: T) =>
  fc.oneof({ weight: 6, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary });

const number = fc.oneof({ weight: 6, arbitrary: one('1', '2') }, one(...NUMBERS));
const condition = fc.oneof(
  fc.tuple(
    one('If-Match', 'If-None-Match'),
    one('*', '"1"', '"2"', 'W/"1"', '"-1"', '"1", "2"', '"1" "2"', 'k'),
  ),
  fc.tuple(
    one('If-Match'),
    number.map((digits) => `"${digits}"`),
  ),
  fc.tuple(one('Content-Type', 'Accept', '__proto__'), one('application/json', '', '; ;', 'x/y')),
);
/** The one that is open, for the most part; each header may be missing. */
const FIRST_UNANSWERED = 'Statecraft-First-Unanswered';
const SESSION = ['Statecraft-Session', 'Statecraft-Sequence'];
const session = fc
  .oneof(
    fc.constant(SESSION),
    fc.constant([...SESSION, FIRST_UNANSWERED]),
    fc.subarray([...SESSION, FIRST_UNANSWERED]),
  )
  .chain((names) => fc.tuple(...names.map((name) => fc.tuple(fc.constant(name), number))));
const headers: fc.Arbitrary<readonly (readonly [string, string])[]> = fc.oneof(
  { weight: 5, arbitrary: fc.constant([]) },
  { weight: 2, arbitrary: fc.array(condition, { maxLength: 2 }) },
  { weight: 3, arbitrary: session },
);
const host = rarely(
  one('localhost', '[::1]:1', 'evil.example', '', ':', '127.0.0.1:x'),
  '127.0.0.1',
);

/** A whole request: what it says is bent, how it is framed is not. */
export const anyRequest = fc
  .record({
    asked: fc.constantFrom(...ASKED),
    method: rarely(one(...METHODS), ''),
    more: fc.tuple(rarely(one(...PARTS), ''), rarely(one(...QUERIES), '')),
    host,
    headers,
    body: fc.uint8Array({ maxLength: 60 }),
  })
  .map(({ asked: [usual, path], method, more, host, headers, body }) => {
    const lines = [
      `${method || usual} ${path}${more.join('')} HTTP/1.1`,
      `Host: ${host}`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
      `Content-Length: ${body.byteLength}`,
      'Connection: close',
    ];
    return Uint8Array.from(Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), body]));
  });
