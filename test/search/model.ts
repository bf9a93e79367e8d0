/**
 * One copy of the data, as the clients' histories are compared with it. Every write writes a token
 * of its own, so a value tells which writes it is made of, and its last token which revision it has.
 */
import type { Model, Operation } from '../../src/simulation/index.ts';
import type { CallKind } from './calls.ts';

export interface Input {
  readonly kind: CallKind;
  readonly key: string;
  readonly token: string;
  /** Of a swap: the revision the key must have, 0 for none. */
  readonly expected: number;
}

/** A value, its length, whether it was found or swapped: whatever the client was told. */
export type Output = string | number | boolean | null;

export type CallRecord = Operation<Input, Output>;

/** Which revision each write made, as far as any client ever saw it. */
export class Revisions {
  readonly #known = new Map<string, number>();
  /** Tokens that were seen with two revisions: they took effect twice. */
  readonly contradictions: string[] = [];

  note(token: string, revision: number): void {
    const known = this.#known.get(token);
    if (known !== undefined && known !== revision) {
      this.contradictions.push(`${token} was written at revision ${known}, and at ${revision}`);
    }
    this.#known.set(token, revision);
  }

  noteValue(value: string, revision: number): void {
    this.note(lastToken(value), revision);
  }

  /** Null when nobody ever saw it: then nobody can have asked for it either. */
  of(value: string): number | null {
    return this.#known.get(lastToken(value)) ?? null;
  }
}

function lastToken(value: string): string {
  return value.slice(value.lastIndexOf(';', value.length - 2) + 1);
}

export function written(token: string): string {
  return `${token};`;
}

interface State {
  /** Null while there is no such key. */
  readonly value: string | null;
  /** The greatest one so far: revisions are log indexes, so they only grow. */
  readonly revision: number;
}

/** No client is ever told this. */
const OUT_OF_ORDER = 'out of order';

export function keyValueModel(revisions: Revisions): Model<State, Input, Output> {
  const write = (state: State, value: string, output: Output) => {
    const revision = revisions.of(value) ?? state.revision;
    const isInOrder = revision > state.revision || revisions.of(value) === null;
    return isInOrder ? { state: { value, revision }, output } : { state, output: OUT_OF_ORDER };
  };
  return {
    initial: { value: null, revision: 0 },
    keyOf: ({ key }) => key,
    isSameOutput: (expected, actual) => expected === actual,
    fingerprint: ({ value, revision }) => `${revision} ${value}`,
    apply(state, { kind, token, expected }) {
      const { value } = state;
      const added = written(token);
      switch (kind) {
        case 'get':
          return { state, output: value };
        case 'put':
          return write(state, added, null);
        case 'append': {
          const longer = (value ?? '') + added;
          return write(state, longer, longer.length);
        }
        case 'delete':
          return { state: { ...state, value: null }, output: value !== null };
        case 'swap': {
          const isSwapped = (value === null ? 0 : revisions.of(value)) === expected;
          return isSwapped ? write(state, added, true) : { state, output: false };
        }
      }
    },
  };
}
