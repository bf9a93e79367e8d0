/**
 * Bodies are bytes, whatever the Content-Type says or none, up to a limit. A longer one is answered
 * before it has arrived, and so is one for which there is no room just now; who goes on sending it
 * is cut off a moment later.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Readable } from 'node:stream';
import type { FastifyInstance, FastifyRequest } from '../vendor/fastify.ts';
import { badRequest, Fault, STATUS_OF } from './errors.ts';

/** Time for the client to read the answer; closing at once would reset the connection under it. */
const LINGER_MS = 1_000;
/** Answers to requests whose body nobody wants. */
const CUT_OFF: readonly number[] = [
  STATUS_OF.unauthenticated,
  STATUS_OF.forbidden,
  STATUS_OF.too_large,
  STATUS_OF.overloaded,
];
/** What a body of unknown length begins with; it is doubled as it grows. */
const FIRST_BYTES = 16 * 1024;

export interface BodyLimits {
  readonly bytesMax: number;
  /** Another `bytes` are about to be held for that request; why not, or null. */
  hold(request: IncomingMessage, bytes: number): Fault | null;
  /** Asked for a client that waits for our word: rejects when the body would be sent in vain. */
  assertWanted(request: FastifyRequest): Promise<void>;
}

type Done = (error: Error | null, body?: Buffer) => void;

export function limitBodies(app: FastifyInstance, limits: BodyLimits): void {
  /** Who asked first whether to send: told when nothing is in the way. */
  const asking = new WeakMap<IncomingMessage, ServerResponse>();
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', (request, payload, done) => {
    const { raw } = request;
    const body = new Body(raw, limits);
    const refused = body.announce();
    if (refused !== null) return done(refused);
    const response = asking.get(raw);
    if (response === undefined) return body.receive(payload, done);
    limits.assertWanted(request).then(() => {
      response.writeContinue();
      body.receive(payload, done);
    }, done);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    // Nobody reads the body of these, and what nobody reads is buffered.
    if (request.method === 'GET' || request.method === 'HEAD') request.raw.resume();
    // The framework refuses a Content-Type it cannot parse; here it means nothing at all.
    delete request.raw.headers['content-type'];
    done();
  });
  app.addHook('onResponse', ({ raw }, { statusCode }, done) => {
    const isOpenEnded = !(announcedBytes(raw) <= limits.bytesMax);
    if (isCutOff(statusCode) && isOpenEnded) linger(raw);
    done();
  });
  app.server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) => {
    asking.set(request, response);
    app.server.emit('request', request, response);
  });
  // Refused when it is its turn, like anything else.
  app.server.on('checkExpectation', (request: IncomingMessage, response: ServerResponse) => {
    app.server.emit('request', request, response);
  });
}

/** NaN when it comes in chunks. */
function announcedBytes({ headers }: IncomingMessage): number {
  return Number(headers['content-length'] ?? Number.NaN);
}

/** Whether a body that is still arriving was refused for its size: nobody waits for the rest. */
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
 * One body on its way. It is put together as it comes: a list of chunks would hold, for chunks of a
 * byte each, two hundred times what was sent.
 */
class Body {
  readonly #request: IncomingMessage;
  readonly #limits: BodyLimits;
  /** As announced; null when it comes in chunks. */
  readonly #announced: number | null;
  #bytes = Buffer.alloc(0);
  #length = 0;

  constructor(request: IncomingMessage, limits: BodyLimits) {
    this.#request = request;
    this.#limits = limits;
    const announced = announcedBytes(request);
    this.#announced = Number.isNaN(announced) ? null : announced;
  }

  /** Makes room for what was announced; why not, or null. */
  announce(): Fault | null {
    const announced = this.#announced ?? 0;
    return announced > this.#limits.bytesMax ? this.#tooLong() : this.#hold(announced);
  }

  receive(payload: Readable, done: Done): void {
    if (payload.destroyed) {
      done(badRequest('the request broke off'));
      return;
    }
    const end = (error: Error | null) => {
      payload.off('data', add);
      payload.off('end', whole);
      payload.off('error', broken);
      if (error === null) done(null, this.#bytes.subarray(0, this.#length));
      else done(error);
    };
    const add = (chunk: Buffer) => {
      const fault = this.#add(chunk);
      if (fault !== null) end(fault);
    };
    const whole = () => end(null);
    const broken = (error: Error) => end(Object.assign(error, { statusCode: 400 }));
    payload.on('data', add).on('end', whole).on('error', broken);
  }

  #add(chunk: Buffer): Fault | null {
    const length = this.#length + chunk.byteLength;
    if (length > this.#limits.bytesMax) return this.#tooLong();
    if (length > this.#bytes.byteLength) {
      const fault = this.#grow(length);
      if (fault !== null) return fault;
    }
    chunk.copy(this.#bytes, this.#length);
    this.#length = length;
    return null;
  }

  #grow(length: number): Fault | null {
    const before = this.#bytes;
    const doubled = Math.min(Math.max(FIRST_BYTES, 2 * before.byteLength), this.#limits.bytesMax);
    const size = this.#announced ?? Math.max(length, doubled);
    const fault = this.#announced === null ? this.#hold(size - before.byteLength) : null;
    if (fault !== null) return fault;
    this.#bytes = Buffer.allocUnsafe(size);
    before.copy(this.#bytes, 0, 0, this.#length);
    return null;
  }

  #hold(bytes: number): Fault | null {
    return bytes === 0 ? null : this.#limits.hold(this.#request, bytes);
  }

  #tooLong(): Fault {
    const allowed = this.#limits.bytesMax.toLocaleString('en');
    return new Fault('too_large', `the body is longer than ${allowed} bytes`);
  }
}
