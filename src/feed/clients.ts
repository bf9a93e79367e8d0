/** What happens to clients' calls (§8; thesis §6.4), as their server decides it. */
import type { ProposalRefusal } from '../../machines/rules/effects.ts';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import { effectsOf, type NextStep } from './step.ts';

export type ClientFact =
  | {
      readonly kind: 'refusedCommands';
      readonly count: number;
      readonly reason: ProposalRefusal;
      readonly leader: ServerId | null;
    }
  /** They wait for word from a majority, and until applied state reflects `index`. */
  | {
      readonly kind: 'acceptedReads';
      readonly count: number;
      readonly index: LogIndex;
      /** Only answers to requests behind this number confirm them. */
      readonly after: number;
    }
  | { readonly kind: 'confirmedReads'; readonly count: number; readonly index: LogIndex }
  | {
      readonly kind: 'refusedReads';
      readonly count: number;
      readonly reason: 'not-leader' | 'not-ready';
      readonly leader: ServerId | null;
    };

export function clientsOf(step: NextStep): readonly ClientFact[] {
  const { event, before, after } = step;
  const facts: ClientFact[] = [];
  for (const { from, reason, leader } of effectsOf(step, 'rejectProposals')) {
    const all = event?.type === 'client.proposed' ? event.proposals.length : from;
    facts.push({ kind: 'refusedCommands', count: all - from, reason, leader });
  }
  const waiting = before.leadership?.reads ?? [];
  for (const read of after.leadership?.reads ?? []) {
    if (waiting.includes(read)) continue;
    const { ids, index, requestId } = read;
    facts.push({ kind: 'acceptedReads', count: ids.length, index, after: requestId });
  }
  for (const { reads, index } of effectsOf(step, 'answerReads')) {
    facts.push({ kind: 'confirmedReads', count: reads.length, index });
  }
  for (const { reads, reason, leader } of effectsOf(step, 'rejectReads')) {
    facts.push({ kind: 'refusedReads', count: reads.length, reason, leader });
  }
  return facts;
}
