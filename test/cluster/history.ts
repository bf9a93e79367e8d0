/**
 * What clients did and were told, with real times, in a file of JSON lines, and whether one copy of
 * the data, used by one client after the other, could have told them the same (§8).
 */

import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import {
  checkLinearizable,
  type LinearizabilityReport,
  type Model,
  type Operation,
} from '../../src/checker/linearizability.ts';

/** The values are ASCII. A compare-and-set expects a value, or with null that there is none. */
export type Call =
  | { readonly type: 'get'; readonly key: string }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'append'; readonly key: string; readonly value: string }
  | {
      readonly type: 'compareAndSet';
      readonly key: string;
      readonly expected: string | null;
      readonly value: string;
    };

/** Of a get the value, of an append the new length, of a compare-and-set whether it was done. */
export type Answer = string | number | boolean | null;

export interface Recorded {
  /** One thing at a time: whose operation is in doubt goes on under another name. */
  readonly client: string;
  readonly call: Call;
  /** In milliseconds of one clock that never goes back. */
  readonly calledAt: number;
  readonly settledAt: number;
  /** `refused`: it never takes effect. `unknown`: perhaps it has, perhaps it will. */
  readonly told: 'answered' | 'refused' | 'unknown';
  readonly answer: Answer;
}

export class HistoryFile {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #closed: Promise<unknown>;

  constructor(path: string) {
    this.path = path;
    this.#stream = createWriteStream(path, { flags: 'wx' });
    this.#closed = once(this.#stream, 'close');
  }

  add(recorded: Recorded): void {
    this.#stream.write(`${JSON.stringify(recorded)}\n`);
  }

  /** Resolves when all of it is in the file. Idempotent. */
  async close(): Promise<void> {
    this.#stream.end();
    await this.#closed;
  }
}

export async function readHistory(path: string): Promise<readonly Recorded[]> {
  const lines = (await readFile(path, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => JSON.parse(line) as Recorded);
}

export const keyValueModel: Model<string | null, Call, Answer> = {
  initial: null,
  keyOf: ({ key }) => key,
  apply(value, call) {
    switch (call.type) {
      case 'get':
        return { state: value, output: value };
      case 'put':
        return { state: call.value, output: null };
      case 'append': {
        const longer = (value ?? '') + call.value;
        return { state: longer, output: longer.length };
      }
      case 'compareAndSet': {
        const isExpected = value === call.expected;
        return { state: isExpected ? call.value : value, output: isExpected };
      }
    }
  },
  isSameOutput: (expected, actual) => expected === actual,
  fingerprint: (value) => (value === null ? '' : `=${value}`),
};

/** A refused operation has no place in the history, and a read without an answer says nothing. */
function operationsOf(history: readonly Recorded[]): Operation<Call, Answer>[] {
  return history
    .filter(({ told, call }) => told === 'answered' || (told === 'unknown' && call.type !== 'get'))
    .map(({ client, call, calledAt, settledAt, told, answer }) => ({
      client,
      input: call,
      calledAt,
      returnedAt: told === 'answered' ? settledAt : null,
      output: told === 'answered' ? answer : null,
    }));
}

export function judge(history: readonly Recorded[]): LinearizabilityReport<Call, Answer> {
  return checkLinearizable(operationsOf(history), keyValueModel);
}

/** @throws Error that says what cannot be explained; not to have found out is no better. */
export function assertLinearizable(history: readonly Recorded[]): void {
  const { verdict, text } = judge(history);
  if (verdict !== 'ok') throw new Error(`the history is not linearizable (${verdict}): ${text}`);
}

/** The same history, of one key, had its last acknowledged append been lost. */
export function withLostAppend(history: readonly Recorded[], key: string): Recorded[] {
  const ofKey = history.filter(({ call }) => call.key === key);
  const lost = ofKey.findLast(({ call, told }) => call.type === 'append' && told === 'answered');
  const token = lost?.call.type === 'append' ? lost.call.value : '';
  return ofKey.map((recorded) =>
    recorded.call.type === 'get' && typeof recorded.answer === 'string'
      ? { ...recorded, answer: recorded.answer.replace(token, '') }
      : recorded,
  );
}
