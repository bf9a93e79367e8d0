/**
 * The replicated key/value state machine (§2, §8): what the cluster agrees on, made useful.
 *
 * Everything a client can do wrong has a result; nothing here throws for it, since a throw in
 * `apply` stops the server.
 */
import { concatenated } from '../formats/bytes.ts';
import type { AppliedEntry, StateMachine } from '../ports/state-machine.ts';
import { commands, results, toBytes } from './codec.ts';
import { PairsDigest } from './digest.ts';
import { isWellFormed, laterOf } from './keys.ts';
import { bytesOf, type Pair, Pairs } from './pairs.ts';
import { readStoreSnapshot, writeStoreSnapshot } from './snapshot.ts';
import {
  type Condition,
  type KeyValueAnswer,
  type KeyValueCommand,
  type KeyValueQuery,
  type KeyValueResult,
  keyWeight,
  type List,
  type ListItem,
  listLimitDefault,
  listLimitMax,
  type Page,
  pageWeightMax,
  type ValueOptions,
  valueBytesMax,
} from './vocabulary.ts';

/** The state machine that `keyValue` makes; `digest` is equal where the states are. */
export type KeyValueStateMachine = StateMachine<
  KeyValueCommand,
  KeyValueResult,
  KeyValueQuery,
  KeyValueAnswer
> & { digest(): string; inspect(): () => unknown };

/**
 * Keys and values, sorted by key bytes.
 *
 * @example
 * const server = await startServer({ …, stateMachine: keyValue });
 * await server.propose({ type: 'put', key: 'greeting', value: 'hello' });
 */
export function keyValue(): KeyValueStateMachine {
  let pairs = new Pairs();
  /** Always up to date: to make it anew would hold up a large server for seconds. */
  let digest = new PairsDigest();

  const replace = (key: string, before: Pair | undefined, after: Pair | undefined): void => {
    if (before !== undefined) digest.subtract(key, before);
    if (after !== undefined) digest.add(key, after);
    if (after !== undefined) pairs.set(key, after, before);
    else if (before !== undefined) pairs.delete(key, before);
  };

  return {
    apply(command: KeyValueCommand, { index }: AppliedEntry): KeyValueResult {
      const { key } = command;
      const present = pairs.get(key);
      if (!holds(command, present)) {
        return { type: 'condition-failed', revision: present?.revision ?? 0 };
      }
      if (command.type === 'delete') {
        if (present !== undefined) replace(key, present, undefined);
        return { type: 'deleted', found: present !== undefined };
      }
      const given = toBytes(command.value);
      const before = command.type === 'append' ? present?.value : undefined;
      const length = given.byteLength + (before?.byteLength ?? 0);
      if (length > valueBytesMax) return { type: 'too-large', length };
      const value = before === undefined ? given : concatenated([before, given]);
      replace(key, present, { value, revision: index });
      return { type: 'written', revision: index, length };
    },

    query(query: KeyValueQuery): KeyValueAnswer {
      if (query.type === 'list') return list(pairs, query);
      if (query.type !== 'get' || typeof query.key !== 'string') {
        throw new TypeError("Not a key/value query: its type is 'get', with a key, or 'list'.");
      }
      const pair = pairs.get(query.key);
      if (pair === undefined) return { type: 'not-found' };
      return { type: 'found', value: read(pair, query), revision: pair.revision };
    },

    snapshot() {
      return writeStoreSnapshot(pairs.frozen());
    },

    async restore(chunks) {
      const read = new PairsDigest();
      pairs = await readStoreSnapshot(chunks, (key, pair) => read.add(key, pair));
      digest = read;
    },

    digest: () => digest.toString(),

    inspect() {
      const frozen = pairs.frozen();
      return () => new Map(frozen.from(''));
    },

    size: {
      storedBytes: () => pairs.bytes,
      growthOf: (command) => growthOf(command, pairs.get(command.key)),
    },

    commands,
    results,
  };
}

/** A condition may keep it from being written at all. */
function growthOf(command: KeyValueCommand, present: Pair | undefined): number {
  if (command.type === 'delete') return 0;
  const value = toBytes(command.value);
  if (command.type === 'append' && present !== undefined) return value.byteLength;
  return bytesOf(command.key, { value }) - bytesOf(command.key, present);
}

function holds(condition: Condition, present: Pair | undefined): boolean {
  if (condition.ifRevision !== undefined) return present?.revision === condition.ifRevision;
  if (condition.ifExists) return present !== undefined;
  return !(condition.ifAbsent && present !== undefined);
}

/** Values are never changed where they are, so a reader that keeps to it may have them as they are. */
function read({ value }: Pair, { shares }: ValueOptions): Uint8Array {
  return shares === true ? value : new Uint8Array(value);
}

/** The page after `after`; a later start than the prefix skips what lies before it. */
function list(pairs: Pairs, query: List): Page {
  const { prefix = '', after = '', limit = listLimitDefault, values = false } = query;
  checkList(prefix, after, limit);
  const items: ListItem[] = [];
  let weight = 0;
  for (const [key, pair] of pairs.from(laterOf(prefix, after))) {
    if (key === after) continue;
    if (!key.startsWith(prefix)) break;
    const { byteLength: length } = pair.value;
    weight += keyWeight(key) + (values ? length : 0);
    const isFull = items.length === limit || weight > pageWeightMax;
    if (isFull && items.length > 0) return { type: 'page', items, next: items.at(-1)?.key ?? null };
    const item = { key, revision: pair.revision, length };
    items.push(values ? { ...item, value: read(pair, query) } : item);
  }
  return { type: 'page', items, next: null };
}

function checkList(prefix: string, after: string, limit: number): void {
  if (!Number.isInteger(limit) || limit < 1 || limit > listLimitMax) {
    throw new TypeError(`A list has a limit of 1 to ${listLimitMax}, not ${limit}.`);
  }
  for (const text of [prefix, after]) {
    if (typeof text !== 'string' || !isWellFormed(text)) {
      throw new TypeError(
        'The prefix of a list, and what it comes after, are well-formed strings.',
      );
    }
  }
}
