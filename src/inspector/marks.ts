/** What becomes of a server, as marks in its lane of the sequence of messages. */
import type { SequenceMark } from './sequence.ts';
import type { ServerHistory } from './server-history.ts';

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

/**
 * A server fails with its own machine, the actor without a parent; of somebody's own actors each
 * fails for itself.
 * @param actor - null when the server says that it has failed as a whole
 */
export function failureMark(
  { id, hello, actors }: Pick<ServerHistory, 'id' | 'hello' | 'actors'>,
  actor: string | null,
  message: string,
): SequenceMark {
  const text = `failed: ${message}`;
  if (actor !== null && hello?.source === 'actors') return { kind: 'failed', of: actor, text };
  const isChild = actor !== null && (actors.get(actor)?.parent ?? null) !== null;
  if (!isChild) return { kind: 'failed', of: id, text };
  return { kind: 'broken', of: id, text: `its actor ${actor} ${text}` };
}
