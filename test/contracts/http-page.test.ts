/** The examples of docs/http.md, one after the other, are answered as the page says. */
import { readFileSync } from 'node:fs';
import type { InjectOptions, LightMyRequestResponse } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Service } from '../../src/service/service.ts';
import { ModelServer, serviceOf } from './model-server.ts';

const PAGE = new URL('../../docs/http.md', import.meta.url);
const blocks = [...readFileSync(PAGE, 'utf8').matchAll(/```http\n([\s\S]*?)```/g)].map(
  ([, text = '']) => text.trimEnd(),
);
const examples = blocks
  .filter((_, at) => at % 2 === 0)
  .map((request, at) => ({ request, answer: blocks[2 * at + 1] ?? '' }));

let service: Service;
/** What the server named, to be sent back. */
let session = '';

beforeAll(() => {
  service = serviceOf(new ModelServer());
});

afterAll(() => service.close());

function parted(text: string): { first: string; headers: Record<string, string>; body: string } {
  const [head = '', body = ''] = text.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const headers = lines.map((line) => line.split(/: (.*)/).slice(0, 2) as [string, string]);
  return { first, headers: Object.fromEntries(headers), body };
}

function requestOf(text: string): InjectOptions {
  const { first, headers, body } = parted(text.replaceAll('<session>', session));
  const [method = '', url = ''] = first.split(' ');
  return { method: method as 'GET', url, headers, ...(body === '' ? {} : { payload: body }) };
}

function patternOf(text: string): RegExp {
  const escaped = text.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/<[^>]+>/g, '[\\w.-]+')}$`);
}

function expectAnswer(answer: LightMyRequestResponse, wanted: string): void {
  const { first, headers, body } = parted(wanted);
  expect(String(answer.statusCode)).toBe(first);
  expect(answer.body).toMatch(patternOf(body));
  for (const [name, value] of Object.entries(headers)) {
    expect(String(answer.headers[name.toLowerCase()]), name).toMatch(patternOf(value));
  }
}

describe('docs/http.md', () => {
  it('has examples, each a request and its answer', () => {
    expect(blocks.length).toBe(2 * examples.length);
    expect(examples.length).toBeGreaterThan(10);
  });

  examples.forEach(({ request, answer }, at) => {
    it(`example ${at + 1}: ${request.split('\n')[0]}`, async () => {
      const response = await service.app.inject(requestOf(request));
      expectAnswer(response, answer);
      session = response.body.match(/"session":(\d+)/)?.[1] ?? session;
    });
  });
});
