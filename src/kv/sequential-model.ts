/**
 * One copy of the keys and values, as clients' histories are compared with it (§8): a specification
 * for `checkLinearizable`. It judges what it is given: revisions, lengths and whether something was
 * found may be left out by clients that are not told, and count where they are given.
 *
 * The revision of a write is unknown until an answer shows it, but greater than all before it.
 */
import type { Reachability, Specification } from '../checker/linearizability.ts';
import { appended, type Content, contentOf, EMPTY, isPrefixOf, isSame } from './content.ts';
import {
  type Append,
  type Condition,
  type Get,
  type KeyValueCommand,
  type Put,
  valueBytesMax,
} from './vocabulary.ts';

/** What a client of a recorded history has asked for. */
export type ObservedInput = KeyValueCommand | Get;

/** What a client was told: as the state machine has it, or less. */
export type Observed =
  | { readonly type: 'written'; readonly revision?: number; readonly length?: number }
  | { readonly type: 'deleted'; readonly found?: boolean }
  | { readonly type: 'condition-failed'; readonly revision: number }
  | { readonly type: 'too-large'; readonly length?: number }
  | { readonly type: 'found'; readonly value: string | Uint8Array; readonly revision?: number }
  | { readonly type: 'not-found' };

/** One key. */
export interface KeyState {
  /** Null when there is no such key. */
  readonly content: Content | null;
  /** Null when it is unknown; 0 when there is no such key. */
  readonly revision: number | null;
  /** The greatest known one, also of what is gone. */
  readonly revisionMin: number;
}

type Next = { readonly state: KeyState } | null;

const ABSENT: KeyState = { content: null, revision: 0, revisionMin: 0 };

/**
 * One copy of the keys and values, as a specification for `checkLinearizable` (§8).
 *
 * @example checkLinearizable(history, keyValueModel).verdict
 */
export const keyValueModel: Specification<KeyState, ObservedInput, Observed> = {
  initial: ABSENT,
  keyOf: ({ key }) => key,
  describe: ({ content, revision }) =>
    content === null
      ? 'nothing'
      : `${shortened(content.text)}${revision === null ? '' : ` at revision ${revision}`}`,
  isRead: ({ type }, output) => type === 'get' || (output !== undefined && isRefusal(output)),
  step: (state, input, output) =>
    input.type === 'get' ? got(state, output) : commanded(state, input, output),
  key: ({ content, revision, revisionMin }) =>
    `${content?.hash} ${content?.text.length} ${revision} ${revisionMin}`,
  isEqual: (one, other) => isSame(one.content, other.content),
  leaves(input, output) {
    if (input.type === 'get' || input.type === 'append') return null;
    if (output !== undefined && isRefusal(output)) return null;
    if (input.type === 'delete') return { state: ABSENT };
    const revision = (output?.type === 'written' && output.revision) || null;
    const state = { content: contentOf(input), revision, revisionMin: revision ?? 0 };
    return { state };
  },
  reachability,
};

const SHOWN_MAX = 120;

/** The end of a long value matters most: that is where it grew. */
function shortened(text: string): string {
  const isLong = text.length > SHOWN_MAX;
  return JSON.stringify(isLong ? `(${text.length} bytes)…${text.slice(-SHOWN_MAX)}` : text);
}

/** An answer that tells that nothing was changed. */
function isRefusal(output: Observed): boolean {
  if (output.type === 'deleted') return output.found === false;
  return output.type === 'condition-failed' || output.type === 'too-large';
}

function got(state: KeyState, output: Observed | undefined): Next {
  if (output === undefined) return { state };
  if (output.type === 'not-found') return state.content === null ? { state } : null;
  if (output.type !== 'found' || state.content === null) return null;
  return isSame(state.content, contentOf(output)) ? seen(state, output.revision) : null;
}

/** The state, now that somebody has seen its revision; null when it cannot have that one. */
function seen(state: KeyState, revision: number | undefined): Next {
  if (revision === undefined || state.revision === revision) return { state };
  if (state.revision !== null || revision <= state.revisionMin) return null;
  return { state: { ...state, revision, revisionMin: revision } };
}

function commanded(state: KeyState, command: KeyValueCommand, output: Observed | undefined): Next {
  if (output?.type === 'condition-failed') return refused(state, command, output.revision);
  const admitted = admit(state, command);
  if (admitted === null) return output === undefined ? { state } : null;
  if (command.type === 'delete') return deleted(admitted, output);
  return written(admitted, command, output);
}

/** The condition did not hold, and the revision was the one that was told. */
function refused(state: KeyState, condition: Condition, revision: number): Next {
  const told = seen(state, revision);
  if (told === null) return null;
  const { ifRevision } = condition;
  if (ifRevision === undefined) return admit(state, condition) === null ? told : null;
  return told.state.revision === ifRevision ? null : told;
}

/** The state with what its condition says about it; null when the condition does not hold. */
function admit(state: KeyState, { ifRevision, ifExists, ifAbsent }: Condition): KeyState | null {
  const isThere = state.content !== null;
  if (ifRevision !== undefined) return isThere ? (seen(state, ifRevision)?.state ?? null) : null;
  if (ifExists) return isThere ? state : null;
  return ifAbsent && isThere ? null : state;
}

function deleted(state: KeyState, output: Observed | undefined): Next {
  const found = state.content !== null;
  if (output !== undefined && output.type !== 'deleted') return null;
  if (output?.found !== undefined && output.found !== found) return null;
  return { state: found ? { ...state, content: null, revision: 0 } : state };
}

function written(state: KeyState, command: Put | Append, output: Observed | undefined): Next {
  const given = contentOf(command);
  const content = command.type === 'append' ? appended(state.content ?? EMPTY, given) : given;
  const length = content.text.length;
  const isTooLarge = length > valueBytesMax;
  if (output !== undefined) {
    if (output.type !== (isTooLarge ? 'too-large' : 'written')) return null;
    if ('length' in output && output.length !== undefined && output.length !== length) return null;
  }
  if (isTooLarge) return { state };
  const revision = (output?.type === 'written' && output.revision) || null;
  if (revision !== null && revision <= state.revisionMin) return null;
  return { state: { content, revision, revisionMin: revision ?? state.revisionMin } };
}

/** Revisions only grow, and values only grow until they are overwritten or deleted. */
function reachability(state: KeyState, input: ObservedInput, output: Observed): Reachability {
  const told = 'revision' in output ? output.revision : undefined;
  const isThere = state.content !== null;
  switch (output.type) {
    case 'not-found':
      return isThere ? 'overwritten' : 'as it is';
    case 'found':
      if (told !== undefined && told < state.revisionMin) return 'never';
      return growth(state, contentOf(output));
    case 'written':
      if (told !== undefined && told <= state.revisionMin) return 'never';
      return writing(state, input, output.length);
    case 'deleted':
      if (isConditional(input)) return 'as it is';
      if (output.found === undefined) return 'always';
      if (output.found) return isThere ? 'always' : 'added to';
      return isThere ? 'overwritten' : 'as it is';
    case 'condition-failed':
      if (told === 0) return isThere ? 'overwritten' : 'as it is';
      return told !== undefined && told < state.revisionMin ? 'never' : 'as it is';
    case 'too-large':
      return 'as it is';
  }
}

function growth({ content }: KeyState, value: Content): Reachability {
  if (content !== null && isSame(content, value)) return 'as it is';
  return isPrefixOf(content ?? EMPTY, value) ? 'added to' : 'overwritten';
}

function writing({ content }: KeyState, input: ObservedInput, length?: number): Reachability {
  if (isConditional(input)) return 'as it is';
  if (input.type !== 'append' || length === undefined) return 'always';
  const missing = length - (content?.text.length ?? 0) - contentOf(input).text.length;
  if (missing === 0) return 'as it is';
  return missing > 0 ? 'added to' : 'overwritten';
}

function isConditional(input: ObservedInput): boolean {
  return 'ifRevision' in input || 'ifExists' in input || 'ifAbsent' in input;
}
