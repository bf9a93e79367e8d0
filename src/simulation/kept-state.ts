/** A state as it was at one moment, kept so that it can be compared with another server's later. */
import { concatenated } from '../formats/bytes.ts';
import { unpackFresh } from '../formats/msgpack.ts';
import type { StateMachine } from '../ports/state-machine.ts';
import { describeDifferences, differencesOf } from './differences.ts';
import { TextHash } from './text-hash.ts';

// biome-ignore lint/suspicious/noExplicitAny: a state machine of any four types will do.
export type AnyStateMachine = StateMachine<any, any, any, any>;

/** A state as machines compare it. */
export interface Digested {
  /** Equal for equal states. */
  readonly digest: string;
  /** Its snapshot, when that is what was compared. */
  readonly chunks: readonly Uint8Array[] | null;
}

/** What a state contained at that moment, for people; null when it cannot be shown. */
export type Held = (() => unknown) | null;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Null when it is not known at once: no digest, and a snapshot whose chunks come later. */
export function stateDigestOf(machine: AnyStateMachine): Digested | null {
  if (machine.digest !== undefined) return { digest: machine.digest(), chunks: null };
  const chunks = machine.snapshot();
  if (!(Symbol.iterator in chunks)) return null;
  const kept: Uint8Array[] = [];
  const hash = new TextHash();
  for (const chunk of chunks) {
    hash.addBytes(chunk);
    kept.push(chunk.slice());
  }
  return { digest: hash.toString(), chunks: kept };
}

/** To be asked before the machine applies anything else. */
export function heldBy(machine: AnyStateMachine, { chunks }: Digested): Held {
  if (machine.inspect === undefined) return chunks && (() => decoded(chunks));
  const inspected: unknown = machine.inspect();
  if (typeof inspected === 'function') return inspected as () => unknown;
  const copy = copyOf(inspected);
  return () => copy;
}

/** The end of a sentence: how two states of different digests differ, if they tell. */
export function howTheyDiffer(one: Held, other: Held, names: readonly [string, string]): string {
  if (one === null || other === null) {
    return '; give the state machine an inspect() to see how they differ';
  }
  const differences = differencesOf(one(), other());
  if (differences.length === 0) return '; what the two show of themselves is the same';
  return `: ${describeDifferences(differences, names)}`;
}

/** What cannot be copied, such as a function in it, is taken as it is. */
function copyOf(value: unknown): unknown {
  try {
    return structuredClone(value);
  } catch {
    return value;
  }
}

/** A snapshot's bytes as what they most likely are: JSON, MessagePack, text or a list of bytes. */
function decoded(chunks: readonly Uint8Array[]): unknown {
  const bytes = concatenated(chunks);
  for (const read of [textJson, unpackFresh, text]) {
    try {
      return read(bytes);
    } catch {
      // Then it is something else.
    }
  }
  return [...bytes];
}

function textJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

function text(bytes: Uint8Array): string {
  return decoder.decode(bytes);
}
