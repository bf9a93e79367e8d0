/** What a client asks of a server, and what comes of it, over HTTP and in a stream. */
import { commands } from '../kv/codec.ts';
import type { Condition, KeyValueCommand } from '../kv/vocabulary.ts';
import type { SessionCommand } from '../ports/outcome.ts';
import type { Answer } from '../streaming/answers.ts';
import type { FrameWriter } from '../streaming/frames.ts';
import * as frames from '../streaming/requests.ts';
import * as http from './operations.ts';
import type { AnswerReader } from './outcome-mapping.ts';

/** Once made it is valid, and may be asked of any server, as often as need be. */
export interface ServerCall<Result> {
  /** @param session - what this attempt says of its session */
  overHttp(session: SessionCommand | undefined): http.ServerlessRequest;
  readonly reader: AnswerReader<Result>;
  writeFrame(writer: FrameWriter, request: number, session: SessionCommand | undefined): void;
  /** Of an answer that says it was applied; undefined when it makes no sense. */
  readFrame(answer: Answer): Result | undefined;
  /** Of its value; 0 without one. */
  readonly valueBytes: number;
  /** Whether items of a page have values. */
  readonly hasValues?: boolean;
}

/** The server's own deadline. */
const ANY_TIME = 0;

type Written = Extract<Answer, { readonly type: 'written' }>;

/** @throws TypeError for what is no key, no value or no condition */
function writing<Result>(
  method: 'PUT' | 'POST' | 'DELETE',
  command: () => KeyValueCommand,
  request: http.ServerlessRequest,
  reader: AnswerReader<Result>,
  readFrame: (answer: Answer) => Result | undefined,
): ServerCall<Result> {
  let encoded: Uint8Array | null = null;
  return {
    overHttp: (session) => (session === undefined ? request : http.inSession(request, session)),
    reader,
    writeFrame(writer, number, session) {
      encoded ??= commands.encode(command());
      frames.writeWrite(writer, number, ANY_TIME, session, encoded);
    },
    readFrame,
    valueBytes: method === 'DELETE' ? 0 : (request.body?.byteLength ?? 0),
  };
}

export function putCall(key: string, value: string | Uint8Array, condition: Condition) {
  const request = http.writeRequest('PUT', key, condition, value);
  const command = () => ({ type: 'put', key, value, ...conditionIn(condition) }) as const;
  const read = (answer: Answer) => writtenIn(answer, ({ revision }) => ({ revision }));
  return writing('PUT', command, request, http.writtenIn, read);
}

export function appendCall(key: string, value: string | Uint8Array, condition: Condition) {
  const request = http.writeRequest('POST', key, condition, value);
  const command = () => ({ type: 'append', key, value, ...conditionIn(condition) }) as const;
  const read = (answer: Answer) =>
    writtenIn(answer, ({ revision, length }) => ({ revision, length }));
  return writing('POST', command, request, http.appendedIn, read);
}

export function deleteCall(key: string, condition: Condition) {
  const request = http.writeRequest('DELETE', key, condition);
  const command = () => ({ type: 'delete', key, ...conditionIn(condition) }) as const;
  const read = (answer: Answer) =>
    answer.type === 'deleted' ? { found: answer.found } : undefined;
  return writing('DELETE', command, request, http.deletedIn, read);
}

export function getCall(
  key: string,
  consistency?: http.Consistency,
): ServerCall<http.Value | null> {
  const path = http.keyPath(key);
  return {
    overHttp: () => http.readRequest(path, consistency === undefined ? {} : { consistency }),
    reader: http.valueIn,
    writeFrame: (writer, number) =>
      frames.writeGet(writer, number, ANY_TIME, key, consistency === 'stale'),
    readFrame(answer) {
      if (answer.type === 'no-such-key') return null;
      if (answer.type !== 'value') return undefined;
      return { value: answer.value.slice(), revision: answer.revision };
    },
    valueBytes: 0,
  };
}

export function listCall(
  options: http.ListOptions & { readonly consistency?: http.Consistency },
): ServerCall<http.ListPage> {
  const { consistency, values = false } = options;
  return {
    overHttp: () => http.readRequest('/v1/kv', options),
    reader: http.pageIn,
    writeFrame: (writer, number) =>
      frames.writeList(writer, number, ANY_TIME, options, consistency === 'stale'),
    readFrame: (answer) => (answer.type === 'page' ? answer.page : undefined),
    valueBytes: 0,
    hasValues: values,
  };
}

export const openSessionCall: ServerCall<number> = {
  overHttp: () => http.openSession,
  reader: http.sessionIn,
  writeFrame: (writer, number) => frames.writeOpenSession(writer, number, ANY_TIME),
  readFrame: (answer) => (answer.type === 'session-opened' ? answer.session : undefined),
  valueBytes: 0,
};

export function closeSessionCall(session: number): ServerCall<null> {
  return {
    overHttp: () => http.closeSession(session),
    reader: { read: () => null },
    writeFrame: (writer, number) => frames.writeCloseSession(writer, number, ANY_TIME, session),
    readFrame: (answer) => (answer.type === 'session-closed' ? null : undefined),
    valueBytes: 0,
  };
}

function writtenIn<Result>(answer: Answer, read: (written: Written) => Result): Result | undefined {
  return answer.type === 'written' ? read(answer) : undefined;
}

/** What callers give beside the condition is no part of a command. */
function conditionIn({ ifRevision, ifExists, ifAbsent }: Condition): Condition {
  if (ifRevision !== undefined) return { ifRevision };
  if (ifExists) return { ifExists };
  return ifAbsent ? { ifAbsent } : {};
}
