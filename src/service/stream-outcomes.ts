/**
 * How requests in a stream end: with a frame, a figure, a line in the audit log where there is one,
 * and everything given back that the request held.
 */
import type { IncomingMessage } from 'node:http';
import { writeFailure } from '../streaming/answers.ts';
import { InvalidField } from '../streaming/frames.ts';
import { ANSWER } from '../streaming/kinds.ts';
import type { ServiceContext } from './context.ts';
import { badRequest, type HttpError, toHttpError } from './errors.ts';
import type { StreamAnswers } from './stream-answers.ts';
import { overHttp, type StreamOperation } from './stream-operations.ts';
import type { Token } from './tokens/token.ts';

/** A request under way. */
export interface StreamedRequest {
  readonly request: number;
  operation: StreamOperation;
  readonly startedAt: number;
  /** Of what it holds until it is answered. */
  bytes: number;
  /** In the audit log; '' for what is not known. */
  key: string;
}

export class StreamOutcomes {
  /** As it was when the latest message came. */
  token: Token | null;
  readonly #context: ServiceContext;
  readonly #answers: StreamAnswers;
  /** The handshake's, for the audit log. */
  readonly #stream: IncomingMessage;

  constructor(
    context: ServiceContext,
    answers: StreamAnswers,
    stream: IncomingMessage,
    token: Token | null,
  ) {
    this.#context = context;
    this.#answers = answers;
    this.#stream = stream;
    this.token = token;
  }

  /** Its frame is written. */
  answered(asked: StreamedRequest): void {
    this.#ended(asked, 'ok', false);
    if (this.#context.auditsWrites && isWrite(asked)) {
      const { audit } = this.#context;
      audit.wroteInStream(this.#stream, this.token, 200, overHttp(asked.operation, asked.key));
    }
    this.#answers.leave(asked.bytes);
  }

  /** Outcomes come in the middle of the server's own work, which must not be asked for its status. */
  failLater(asked: StreamedRequest, toThrow: () => unknown): void {
    queueMicrotask(() => {
      try {
        toThrow();
      } catch (error) {
        this.fail(asked, error);
      }
    });
  }

  fail(asked: StreamedRequest, thrown: unknown, hasEntered = true): void {
    const error = errorOf(thrown, isWrite(asked));
    const { code, status, message, mayRetry } = error;
    const { audit, auditsWrites } = this.#context;
    const kind = code === 'outcome_unknown' ? ANSWER.unknown : ANSWER.notApplied;
    const retryAfterMs = mayRetry ? 1_000 : 0;
    writeFailure(this.#answers.writer, kind, asked.request, {
      ...{ code, message, retryAfterMs },
      ...error.details,
    });
    this.#ended(asked, code, status >= 500 && isWrite(asked));
    if (status === 401 || status === 403) {
      audit.refusedInStream(this.#stream, this.token, error, overHttp(asked.operation, asked.key));
    } else if (auditsWrites && isWrite(asked)) {
      audit.wroteInStream(this.#stream, this.token, status, overHttp(asked.operation, asked.key));
    }
    if (hasEntered) this.#answers.leave(asked.bytes);
    else this.#answers.wantFlush();
  }

  #ended({ operation, startedAt }: StreamedRequest, code: string, isFailedWrite: boolean): void {
    const ms = performance.now() - startedAt;
    this.#context.streams.onEnded(operation, code, ms, isFailedWrite);
  }
}

function isWrite({ operation }: StreamedRequest): boolean {
  return operation !== 'get' && operation !== 'list';
}

/** What is not one of our errors is a bug, or a field that is not valid. */
function errorOf(thrown: unknown, writes: boolean): HttpError {
  if (thrown instanceof InvalidField) return badRequest(thrown.message);
  return toHttpError(thrown, { method: writes ? 'PUT' : 'GET' });
}
