/** One thing that happened to one actor, as the page keeps it: enough to show everything at that time. */
import type { Arrival } from './messages.ts';
import type { CountedTogether, Readable, ReadableFields, TransitionRecord } from './protocol.ts';

export interface HistoryEntry {
  /** Counted from 0 by the page, over all that it has heard of this server. */
  readonly number: number;
  /** Of a transition its number, as its server counts them; of `dropped` how many; otherwise 0. */
  readonly count: number;
  /** `dropped`, `lost` and `found` belong to the server as a whole: their actor is ''. */
  readonly kind:
    | 'transition'
    | 'began'
    | 'state'
    | 'ended'
    | 'failed'
    | 'dropped'
    | 'lost'
    | 'found';
  readonly atMs: number;
  readonly actor: string;
  /** What was sent to it; if it is not a transition, a name for what happened. */
  readonly event: TransitionRecord['event'];
  /** The actor that sent it; null for the outside and for the actor's own delays. */
  readonly from: string | null;
  /** Ids of the transitions taken. */
  readonly taken: readonly string[];
  /** An event for which a machine has no transition in the state it is in. */
  readonly isIgnored: boolean;
  readonly emitted: readonly Readable[];
  /** Of `dropped`, what most of them were, if that is known. */
  readonly of: readonly CountedTogether[];
  /** Where the actor stands after it. */
  readonly active: readonly string[];
  readonly context: ReadableFields;
  readonly summary: ServerSummary;
}

/** What a server's card shows; nulls where an actor has no such thing. */
export interface ServerSummary {
  readonly role: 'follower' | 'candidate' | 'leader' | null;
  readonly term: number | null;
  readonly commitIndex: number | null;
  readonly leader: string | null;
  /** Since when the server is out of reach; null while it is within. */
  readonly lostAtMs: number | null;
}

export const NO_SUMMARY: ServerSummary = {
  role: null,
  term: null,
  commitIndex: null,
  leader: null,
  lostAtMs: null,
};

/** A server machine's summary after it has moved; the same object when nothing in it is different. */
export function summaryOf(
  before: ServerSummary,
  active: readonly string[],
  context: ReadableFields,
): ServerSummary {
  const role =
    (['follower', 'candidate', 'leader'] as const).find((each) =>
      active.includes(`server.${each}`),
    ) ?? null;
  const term = numberOf(context.currentTerm);
  const commitIndex = numberOf(context.commitIndex);
  const leader = typeof context.heardLeader === 'string' ? context.heardLeader : null;
  const isSame =
    role === before.role &&
    term === before.term &&
    commitIndex === before.commitIndex &&
    leader === before.leader;
  return isSame ? before : { ...before, role, term, commitIndex, leader };
}

function numberOf(value: Readable | undefined): number | null {
  return typeof value === 'number' ? value : null;
}

/** A message that arrived, something that happened to the server itself, or what was dropped. */
export interface SequenceItem {
  readonly server: string;
  readonly atMs: number;
  /** The entry it belongs to. */
  readonly number: number;
  readonly arrival: Arrival | null;
  readonly mark: SequenceMark | null;
  /** What arrived set off nothing: the machine has no transition for it in its state. */
  readonly isIgnored: boolean;
  /** So many transitions of the server were dropped here; otherwise 0. */
  readonly dropped: number;
}

export interface SequenceMark {
  /** Of a server that has failed it is `failed`; `broken`, when one of its actors has. */
  readonly kind: 'follower' | 'candidate' | 'leader' | 'lost' | 'found' | 'failed' | 'broken';
  /** In whose lane it stands: the server, or one of the user's own actors. */
  readonly of: string;
  readonly text: string;
}

const STAGES: readonly {
  readonly state: string;
  readonly kind: SequenceMark['kind'];
  readonly text: (term: number) => string;
}[] = [
  { state: 'server.leader', kind: 'leader', text: (term) => `leader of term ${term}` },
  { state: 'server.candidate.vote', kind: 'candidate', text: (term) => `candidate, term ${term}` },
  { state: 'server.candidate.preVote', kind: 'candidate', text: () => 'asks before it campaigns' },
  { state: 'server.follower', kind: 'follower', text: (term) => `follower, term ${term}` },
];

/** Which of them a server's machine is in. */
export function stageOf(active: readonly string[]) {
  return STAGES.find(({ state }) => active.includes(state));
}
