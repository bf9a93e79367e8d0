/**
 * A small GET that always settles. (`fetch` of Node.js 20 does not, when the other side closes at
 * once and nothing else keeps the process alive: it would end in the middle of a sentence.)
 */
import { get } from 'node:http';

export interface HttpText {
  readonly status: number;
  readonly text: string;
}

/** Null when nobody answers, not in time, or something that is not HTTP. */
export function httpGet(url: string, timeoutMs: number): Promise<HttpText | null> {
  return new Promise((resolve) => {
    const request = get(url, { agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part) => {
        text += part;
      });
      response.once('end', () => settle({ status: response.statusCode ?? 0, text }));
      response.once('error', () => settle(null));
    });
    const timer = setTimeout(() => settle(null), timeoutMs);
    const settle = (answer: HttpText | null) => {
      clearTimeout(timer);
      request.destroy();
      resolve(answer);
    };
    request.once('error', () => settle(null));
  });
}

/** Its body as JSON, or null. */
export async function httpGetJson(url: string, timeoutMs: number): Promise<unknown> {
  const answer = await httpGet(url, timeoutMs);
  try {
    return answer === null ? null : (JSON.parse(answer.text) as unknown);
  } catch {
    return null;
  }
}
