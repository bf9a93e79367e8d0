/** Bytes to an HTTP server on a socket of their own, and what it says until it closes. */
import { once } from 'node:events';
import { connect } from 'node:net';

export interface Answer {
  /** Of the last response: what comes before it with 1xx is none. */
  readonly status: number;
  readonly body: string;
}

/**
 * @param isAll - whether nothing more will come: then the server need not wait for the rest
 * @returns null when it closed without a word
 */
export async function exchange(
  port: number,
  bytes: Uint8Array,
  { isAll }: { readonly isAll: boolean },
): Promise<Answer | null> {
  const socket = connect(port, '127.0.0.1');
  let received = '';
  socket.on('error', () => {});
  socket.on('data', (data) => {
    received += data.toString('latin1');
  });
  socket.write(bytes);
  if (isAll) socket.end();
  await once(socket, 'close');
  return answerIn(received);
}

function answerIn(received: string): Answer | null {
  const responses = received.split(/(?=HTTP\/1\.1 \d{3})/).filter((text) => text !== '');
  const last = responses.at(-1);
  if (last === undefined) return null;
  const [head = '', ...rest] = last.split('\r\n\r\n');
  const status = /^HTTP\/1\.1 (\d{3})/.exec(head)?.[1];
  if (status === undefined) throw new Error(`this is no HTTP response: ${received}`);
  return { status: Number(status), body: rest.join('\r\n\r\n') };
}
