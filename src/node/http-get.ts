/**
 * A small GET that always settles. (`fetch` of Node.js 20 does not when the other side closes at once
 * and nothing else keeps the process alive: the process would end while it waits.)
 */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

/** Null when there is no answer in time, or none that is HTTP. */
export async function httpGet(url: string, timeoutMs: number) {
  const request = get(url, { agent: false });
  const timer = setTimeout(() => request.destroy(new Error('timed out')), timeoutMs);
  request.on('error', () => {});
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, text: await text(response) };
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
    request.destroy();
  }
}

/** Its body as JSON, or null. */
export async function httpGetJson(url: string, timeoutMs: number): Promise<unknown> {
  const answer = await httpGet(url, timeoutMs);
  try {
    return answer && (JSON.parse(answer.text) as unknown);
  } catch {
    return null;
  }
}
