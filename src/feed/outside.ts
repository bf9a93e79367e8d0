/** What is done to servers and links from outside: told by who does it. */

import type { EntryPosition, LogIndex, ServerId, Term } from '../../machines/rules/entries.ts';
import type { MessageType } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Outcome } from '../ports/outcome.ts';

export type OutsideFact =
  /** From what its storage holds. */
  | {
      readonly kind: 'started';
      readonly term: Term;
      readonly votedFor: ServerId | null;
      readonly lastLog: EntryPosition;
      readonly commitIndex: LogIndex;
      readonly snapshotIndex: LogIndex;
    }
  /** The power went. What its log held behind `durableIndex` was not on its disk yet. */
  | { readonly kind: 'crashed'; readonly lastIndex: LogIndex; readonly durableIndex: LogIndex }
  | { readonly kind: 'paused' }
  | { readonly kind: 'resumed' }
  /** As by SIGTERM. */
  | { readonly kind: 'stopped' }
  /** It stopped itself: a disk that does not write, a broken invariant. */
  | { readonly kind: 'failed'; readonly message: string }
  /** Somebody let its timer run out. */
  | { readonly kind: 'wasTimedOut' }
  | { readonly kind: 'lostLink'; readonly to: ServerId }
  | { readonly kind: 'regainedLink'; readonly to: ServerId }
  /** Told of no server: `server` is null. */
  | { readonly kind: 'partitioned'; readonly groups: readonly (readonly ServerId[])[] }
  | { readonly kind: 'healed' }
  /** A message of this server's that does not arrive. */
  | {
      readonly kind: 'lostMessage';
      readonly to: ServerId;
      readonly message: MessageType;
      /** An AppendEntries without entries. */
      readonly isHeartbeat: boolean;
      /** By hand, by a link that is cut, or since nobody is there. */
      readonly why: 'dropped' | 'cut' | 'nobody';
    }
  /** What a client was told in the end. */
  | {
      readonly kind: 'settledCall';
      /** What it asked, in words: it begins the sentence. */
      readonly call: string;
      readonly isRead: boolean;
      readonly outcome: Outcome<unknown>;
    };

/** A server that starts, from what its storage held. */
export function startedFact(state: ServerState): OutsideFact {
  const { currentTerm: term, votedFor, commitIndex, log, snapshot } = state;
  const snapshotIndex = snapshot?.index ?? 0;
  return { kind: 'started', term, votedFor, lastLog: log.last, commitIndex, snapshotIndex };
}
