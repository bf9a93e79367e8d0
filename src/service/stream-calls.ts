/**
 * The requests of one stream, carried out: fields become a call of the server, and its outcome a
 * frame, with the same checks and codes as over HTTP. No promise and no copy for a request that
 * needs none: here, each costs as much as the rest.
 */
import type { EntryPosition } from '../../machines/rules/entries.ts';
import type { DirectCalls } from '../host/direct-calls.ts';
import { decodeText } from '../kv/keys.ts';
import type { KeyValueAnswer, KeyValueQuery, KeyValueResult } from '../kv/vocabulary.ts';
import type { Outcome, SessionCommand } from '../ports/outcome.ts';
import {
  beginApplied,
  pageBytesMax,
  writePage,
  writePong,
  writeValue,
} from '../streaming/answers.ts';
import type { FieldReader } from '../streaming/frames.ts';
import { ANSWER, REQUEST } from '../streaming/kinds.ts';
import {
  readGetFlags,
  readKey,
  readList,
  readSession,
  readSessionNumber,
} from '../streaming/requests.ts';
import { assertKey, assertList, assertRole } from './access.ts';
import { callerName } from './admission.ts';
import type { ServiceContext } from './context.ts';
import { toHttpError } from './errors.ts';
import { effectOf, sequenceUsedBefore } from './key-routes.ts';
import { appliedOrThrow, readOrThrow, stopping } from './outcome-to-response.ts';
import { assertTokenOwns } from './session-owner.ts';
import type { StreamAnswers } from './stream-answers.ts';
import { assertCommand } from './stream-command.ts';
import { OPERATIONS } from './stream-operations.ts';
import type { StreamedRequest, StreamOutcomes } from './stream-outcomes.ts';

export type KeyValueCalls = DirectCalls<KeyValueResult, KeyValueQuery, KeyValueAnswer>;

/** Sessions of which a connection remembers that they are its token's. */
const OWNED_MAX = 1_000;

export class StreamCalls {
  readonly #context: ServiceContext;
  readonly #calls: KeyValueCalls;
  readonly #answers: StreamAnswers;
  readonly #outcomes: StreamOutcomes;
  readonly #owned = new Set<number>();

  constructor(
    context: ServiceContext,
    calls: KeyValueCalls,
    answers: StreamAnswers,
    outcomes: StreamOutcomes,
  ) {
    this.#context = context;
    this.#calls = calls;
    this.#answers = answers;
    this.#outcomes = outcomes;
  }

  /** Before the requests of a message. @throws HttpError 401 when the token counts no more */
  renewToken(): void {
    if (this.#outcomes.token !== null)
      this.#outcomes.token = this.#context.access.present(this.#outcomes.token);
  }

  /**
   * Begins one request; whatever is wrong with it is its answer.
   * @param keeps - whether the bytes of the message may be kept as they are
   */
  begin(reader: FieldReader, kind: number, request: number, keeps: boolean): void {
    const context = this.#context;
    if (kind === REQUEST.ping) {
      writePong(this.#answers.writer, request, context.appliedIndex());
      this.#answers.wantFlush();
      return;
    }
    const startedAt = performance.now();
    const asked: StreamedRequest = {
      request,
      operation: OPERATIONS[kind] ?? 'get',
      startedAt,
      bytes: 0,
      key: '',
    };
    const refused = this.#answers.enter();
    try {
      if (refused !== null) throw refused;
      if (context.isStopping()) throw stopping(context);
      context.countRequest?.(callerName(this.#outcomes.token, this.#answers.address));
      const timeoutMs = timeoutOf(reader.u32(), context.callTimeoutMs);
      if (kind === REQUEST.write) this.#write(reader, asked, timeoutMs, keeps);
      else if (kind === REQUEST.get) this.#get(reader, asked, timeoutMs);
      else if (kind === REQUEST.list) this.#list(reader, asked, timeoutMs);
      else if (kind === REQUEST.openSession) this.#openSession(reader, asked, timeoutMs);
      else this.#closeSession(reader, asked, timeoutMs);
    } catch (error) {
      // Refused for want of room, it holds none.
      this.#outcomes.fail(asked, error, refused === null);
    }
  }

  #write(reader: FieldReader, asked: StreamedRequest, timeoutMs: number, keeps: boolean): void {
    const session = readSession(reader);
    const command = reader.rest();
    const { type, keyAt, valueAt } = assertCommand(command);
    asked.operation = type;
    const { token } = this.#outcomes;
    if (token !== null || this.#context.auditsWrites) {
      asked.key = decodeText(command.subarray(keyAt, valueAt));
    }
    if (token !== null) {
      assertRole(token, 'write');
      assertKey(token, asked.key);
    }
    const { byteLength } = command;
    const full = this.#answers.holdBody(byteLength);
    if (full !== null) throw full;
    asked.bytes = byteLength;
    const bytes = keeps ? command : command.slice();
    if (session === undefined) this.#propose(asked, bytes, timeoutMs, undefined);
    else
      this.#inSession(asked, session.session, timeoutMs, (leftMs) => {
        this.#propose(asked, bytes, leftMs, session);
      });
  }

  /** Calls at once where the session is known to be the token's, else when it turns out to be. */
  #inSession(
    asked: StreamedRequest,
    session: number,
    timeoutMs: number,
    call: (leftMs: number) => void,
  ): void {
    const token = this.#outcomes.token;
    if (token === null || this.#owned.has(session)) {
      call(timeoutMs);
      return;
    }
    assertTokenOwns(this.#context, token, session, timeoutMs, null).then(
      (leftMs) => {
        if (this.#owned.size >= OWNED_MAX) this.#owned.clear();
        this.#owned.add(session);
        call(leftMs);
      },
      (error) => this.#outcomes.fail(asked, error),
    );
  }

  #propose(
    asked: StreamedRequest,
    bytes: Uint8Array,
    timeoutMs: number,
    session: SessionCommand | undefined,
  ): void {
    const options = session === undefined ? { timeoutMs } : { timeoutMs, session };
    this.#calls.propose(bytes, options, (outcome) => {
      if (outcome.outcome === 'applied') this.#wrote(asked, outcome.result, outcome);
      else this.#outcomes.failLater(asked, () => appliedOrThrow(this.#context, outcome, null));
    });
  }

  #wrote(asked: StreamedRequest, result: KeyValueResult, at: EntryPosition): void {
    const { writer } = this.#answers;
    const { request, operation } = asked;
    if (result.type === 'written' && operation !== 'delete') {
      beginApplied(writer, ANSWER.written, request, at);
      writer.u64(result.revision);
      writer.u64(result.length);
    } else if (result.type === 'deleted' && operation === 'delete') {
      beginApplied(writer, ANSWER.deleted, request, at);
      writer.u8(result.found ? 1 : 0);
    } else {
      this.#outcomes.failLater(asked, () => {
        throw sequenceUsedBefore(effectOf(result).type);
      });
      return;
    }
    writer.end();
    this.#outcomes.answered(asked);
  }

  #get(reader: FieldReader, asked: StreamedRequest, timeoutMs: number): void {
    const isStale = readGetFlags(reader);
    const key = readKey(reader);
    asked.key = key;
    if (this.#outcomes.token !== null) {
      assertRole(this.#outcomes.token, 'read');
      assertKey(this.#outcomes.token, key);
    }
    this.#read(asked, { type: 'get', key, shares: true }, isStale, timeoutMs);
  }

  #list(reader: FieldReader, asked: StreamedRequest, timeoutMs: number): void {
    const { query, isStale } = readList(reader);
    if (this.#outcomes.token !== null) {
      assertRole(this.#outcomes.token, 'read');
      assertList(this.#outcomes.token, query.prefix ?? '');
    }
    this.#read(asked, query, isStale, timeoutMs);
  }

  #read(asked: StreamedRequest, query: KeyValueQuery, isStale: boolean, timeoutMs: number): void {
    const consistency = isStale ? 'stale' : 'linearizable';
    this.#calls.query(
      query,
      { consistency, timeoutMs },
      {
        settle: (outcome) => {
          if (outcome.outcome === 'applied') this.#found(asked, outcome.result, outcome);
          else this.#outcomes.failLater(asked, () => readOrThrow(this.#context, outcome, null));
        },
        fail: (error) =>
          this.#outcomes.failLater(asked, () => {
            throw toHttpError(error, { method: 'GET' });
          }),
      },
    );
  }

  #found(asked: StreamedRequest, result: KeyValueAnswer, at: EntryPosition): void {
    const { request } = asked;
    const { writer } = this.#answers;
    if (result.type === 'not-found') {
      beginApplied(writer, ANSWER.noSuchKey, request, at);
      writer.end();
      this.#outcomes.answered(asked);
      return;
    }
    const size = result.type === 'found' ? result.value.byteLength : pageBytesMax(result);
    const full = this.#answers.holdAnswer(size);
    if (full !== null) {
      this.#outcomes.failLater(asked, () => {
        throw full;
      });
      return;
    }
    if (result.type === 'page') writePage(writer, request, at, result);
    else writeValue(writer, request, at, result.revision, result.value);
    this.#outcomes.answered(asked);
  }

  #openSession(reader: FieldReader, asked: StreamedRequest, timeoutMs: number): void {
    reader.assertRead();
    if (this.#outcomes.token !== null) assertRole(this.#outcomes.token, 'write');
    const owner = this.#outcomes.token?.name ?? '';
    this.#context.server
      .openSession({ timeoutMs, owner })
      .then((outcome) => {
        const { result, ...at } = this.#applied(outcome);
        const { writer } = this.#answers;
        beginApplied(writer, ANSWER.sessionOpened, asked.request, at);
        writer.u64(result.session);
        writer.u64(result.expiresAfterMs);
        writer.end();
        this.#outcomes.answered(asked);
      })
      .catch((error) => this.#outcomes.fail(asked, error));
  }

  #closeSession(reader: FieldReader, asked: StreamedRequest, timeoutMs: number): void {
    const session = readSessionNumber(reader);
    if (this.#outcomes.token !== null) assertRole(this.#outcomes.token, 'write');
    this.#inSession(asked, session, timeoutMs, (leftMs) => {
      this.#context.server
        .closeSession(session, { timeoutMs: leftMs })
        .then((outcome) => {
          const at = this.#applied(outcome);
          beginApplied(this.#answers.writer, ANSWER.sessionClosed, asked.request, at);
          this.#answers.writer.end();
          this.#outcomes.answered(asked);
        })
        .catch((error) => this.#outcomes.fail(asked, error));
    });
  }

  #applied<Result>(outcome: Outcome<Result>) {
    return appliedOrThrow(this.#context, outcome, null);
  }
}

/** By when it has settled, so that its answer is sent in time. */
function timeoutOf(deadlineMs: number, mostMs: number): number {
  return deadlineMs === 0 ? mostMs : Math.min(deadlineMs, mostMs);
}
