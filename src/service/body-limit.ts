/**
 * Bodies are bytes, whatever their Content-Type, up to a limit. One that is too long, or for which
 * there is no room just now, is refused before it has arrived; a client that keeps sending it is
 * disconnected a moment later.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import { valueBytesMax } from '../kv/vocabulary.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { badRequest, HttpError } from './errors.ts';
import type { RequestsInFlight } from './in-flight.ts';
import { assertWantsBody } from './write-head.ts';

/** Time for the client to read the answer; closing at once would reset the connection before. */
const LINGER_MS = 1_000;
/** The statuses of answers that do not wait for the rest of the body. */
const CUT_OFF: readonly number[] = [401, 403, 413, 429];
/** The initial buffer for a body of unknown length; it is doubled as the body grows. */
const FIRST_BYTES = 16 * 1024;

const NOTHING = Buffer.alloc(0);

type Done = (error: Error | null, body?: Buffer) => void;

export function limitBodies(app: FastifyInstance, context: ServiceContext): void {
  /** Requests whose clients ask first whether to send the body. */
  const asking = new WeakMap<IncomingMessage, ServerResponse>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    const { raw } = request;
    const { inFlight } = context;
    const refused = refusalOf(raw, inFlight);
    if (refused !== null) return done(refused);
    const response = asking.get(raw);
    if (response === undefined) return receive(raw, payload, inFlight, done);
    assertWantsBody(context, request).then(() => {
      response.writeContinue();
      receive(raw, payload, inFlight, done);
    }, done);
  });
  app.addHook('onRequest', ({ method, raw }, _reply, done) => {
    // Nothing reads the body of these, and what is not read is buffered.
    if (method === 'GET' || method === 'HEAD') raw.resume();
    // The framework refuses a Content-Type it cannot parse; here it has no meaning.
    delete raw.headers['content-type'];
    done();
  });
  app.addHook('onResponse', ({ raw }, { statusCode }, done) => {
    const isOpenEnded = !(announcedBytes(raw) <= valueBytesMax);
    if (isCutOff(statusCode) && isOpenEnded) linger(raw);
    done();
  });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.set(request, response);
    app.server.emit('request', request, response);
  });
  // Refused when it is its turn, like any other request.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    app.server.emit('request', request, response);
  });
}

/** NaN when it comes in chunks. */
function announcedBytes({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? Number.NaN);
}

/** Whether an answer of that status does not wait for the rest of the body. */
export function isCutOff(status: number): boolean {
  return CUT_OFF.includes(status);
}

function linger(request: IncomingMessage): void {
  if (request.complete) return;
  request.resume();
  setTimeout(() => {
    if (!request.complete) request.destroy();
  }, LINGER_MS).unref();
}

/**
 * Copies the body into one buffer as it comes: a list of one-byte chunks would take two hundred times
 * what was sent.
 */
function receive(
  request: IncomingMessage,
  payload: Readable,
  inFlight: RequestsInFlight,
  done: Done,
): void {
  if (payload.destroyed) {
    done(badRequest('the request broke off'));
    return;
  }
  const announced = announcedBytes(request);
  const isChunked = Number.isNaN(announced);
  let bytes = NOTHING;
  let length = 0;
  let isOver = false;
  const end = (error: Error) => {
    if (isOver) return;
    isOver = true;
    payload.off('data', add).off('end', whole).off('error', broken);
    done(error);
  };
  const add = (chunk: Buffer) => {
    const next = length + chunk.byteLength;
    if (next > valueBytesMax) return end(tooLong());
    if (next > bytes.byteLength) {
      const doubled = Math.min(Math.max(FIRST_BYTES, 2 * bytes.byteLength), valueBytesMax);
      const size = isChunked ? Math.max(next, doubled) : announced;
      const error = isChunked ? inFlight.holdBody(request, size - bytes.byteLength) : null;
      if (error !== null) return end(error);
      const grown = Buffer.allocUnsafe(size);
      bytes.copy(grown, 0, 0, length);
      bytes = grown;
    }
    chunk.copy(bytes, length);
    length = next;
  };
  // Nothing comes afterwards: the listeners go with the request.
  const whole = () => {
    isOver = true;
    done(null, length === bytes.byteLength ? bytes : bytes.subarray(0, length));
  };
  const broken = ({ message }: Error) => end(badRequest(message));
  payload.on('data', add).on('end', whole).on('error', broken);
}

/** Makes room for what was announced; why not, or null. */
function refusalOf(request: IncomingMessage, inFlight: RequestsInFlight): HttpError | null {
  const announced = announcedBytes(request) || 0;
  if (announced > valueBytesMax) return tooLong();
  return announced === 0 ? null : inFlight.holdBody(request, announced);
}

function tooLong(): HttpError {
  return new HttpError('too_large', 'the body is longer than 1,048,576 bytes');
}
