/**
 * The commands, queries and answers of the key/value state machine (§2: commands in, results out).
 *
 * A key is a string of 1 to 4,096 bytes of UTF-8; a value is any bytes up to 1 MiB. The revision of
 * a key is the log index of the entry that last wrote it, so it grows with every write and is the
 * same on every server.
 */
import type { LogIndex } from '../../machines/rules/entries.ts';

/** The longest key, in bytes of UTF-8. */
export const keyBytesMax = 4_096;
/** The longest value, in bytes: 1 MiB. */
export const valueBytesMax = 1_048_576;
/** The most items that a page of a list may be asked for. */
export const listLimitMax = 1_000;
/** The most items of a page when nothing is asked for. */
export const listLimitDefault = 100;
/** A page of a list ends early rather than weigh more than this. */
export const pageWeightMax = 4 * valueBytesMax;
/** What an item weighs, beside the bytes of its value: no text of its key is longer in JSON. */
export function keyWeight(key: string): number {
  return 96 + 6 * key.length;
}

/** At most one of them. A command whose condition does not hold changes nothing. */
export interface Condition {
  /** The key is there, and this entry wrote it. */
  readonly ifRevision?: LogIndex;
  /** The key is there. */
  readonly ifExists?: true;
  /** The key is not there. */
  readonly ifAbsent?: true;
}

/** Sets the value. A string stands for its UTF-8 bytes. */
export interface Put extends Condition {
  readonly type: 'put';
  readonly key: string;
  readonly value: string | Uint8Array;
}

/** Adds to the end of the value; a key that is not there counts as empty. */
export interface Append extends Condition {
  readonly type: 'append';
  readonly key: string;
  readonly value: string | Uint8Array;
}

/** Removes the key and its value; a key that is not there is no error. */
export interface Delete extends Condition {
  readonly type: 'delete';
  readonly key: string;
}

/** What changes the keys and values. */
export type KeyValueCommand = Put | Append | Delete;

/** `put` or `append` took effect. */
export interface Written {
  readonly type: 'written';
  readonly revision: LogIndex;
  /** Bytes of the value as it is now. */
  readonly length: number;
}

/** A `delete` was carried out. */
export interface Deleted {
  readonly type: 'deleted';
  /** Whether there was anything to delete. */
  readonly found: boolean;
}

/** Nothing was changed. */
export interface ConditionFailed {
  readonly type: 'condition-failed';
  /** The key's present revision; 0 when there is no such key. */
  readonly revision: LogIndex;
}

/** Nothing was changed: the value would have been longer than 1 MiB. */
export interface TooLarge {
  readonly type: 'too-large';
  /** Bytes the value would have had. */
  readonly length: number;
}

/** What a command answers: look at `type` first. */
export type KeyValueResult = Written | Deleted | ConditionFailed | TooLarge;

/** What reads may say of the values they are answered with. */
export interface ValueOptions {
  /** Whether they may be the state's own bytes, which nobody may change. Default: copies. */
  readonly shares?: boolean;
}

/** Asks for the value of one key. */
export interface Get extends ValueOptions {
  readonly type: 'get';
  readonly key: string;
}

/** Keys in the order of their UTF-8 bytes. */
export interface List extends ValueOptions {
  readonly type: 'list';
  /** Only keys that begin with it. Default: all. */
  readonly prefix?: string;
  /** Only keys after this one: the `next` of the page before. */
  readonly after?: string;
  /** 1 to 1,000. Default 100. A page of large items may be shorter, and says so by `next`. */
  readonly limit?: number;
  /** Whether the items carry their values. Default false. */
  readonly values?: boolean;
}

/** What reads keys and values, and changes nothing. */
export type KeyValueQuery = Get | List;

/** The key is there. Its revision is the log index of the entry that last wrote it. */
export interface Found {
  readonly type: 'found';
  /** A copy, the caller's to keep, unless it may be shared. */
  readonly value: Uint8Array;
  readonly revision: LogIndex;
}

/** There is no such key. */
export interface NotFound {
  readonly type: 'not-found';
}

/** One key of a list, with its revision. */
export interface ListItem {
  readonly key: string;
  readonly revision: LogIndex;
  /** Bytes of the value. */
  readonly length: number;
  /** With `values` only: a copy, unless it may be shared. */
  readonly value?: Uint8Array;
}

/** A part of a list, in the order of the keys. */
export interface Page {
  readonly type: 'page';
  readonly items: readonly ListItem[];
  /** What to give as `after` for the next page; null when this was the last. */
  readonly next: string | null;
}

/** What a query answers: look at `type` first. */
export type KeyValueAnswer = Found | NotFound | Page;
