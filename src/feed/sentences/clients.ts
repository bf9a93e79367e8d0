/** What happens to clients' calls, in words. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { ClientFact } from '../../../machines/rules/facts.ts';
import { count, type Sentences } from './phrases.ts';

export const clientSentences: Sentences<ClientFact> = {
  refusedCommands: ({ server, count: number, reason, leader }) =>
    `${server} refused ${count(number, 'command')}: ${why(reason, leader)}`,
  acceptedReads: ({ server, count: number, index, after }) =>
    `${server} took ${count(number, 'read')}: answers to requests after number ${after} will show that it still leads, and its state must reflect entry ${index}`,
  confirmedReads: ({ server, count: number, index }) =>
    `${server} knows that it still leads: ${count(number, 'read')} may be answered once its state reflects entry ${index}`,
  refusedReads: ({ server, count: number, reason, leader }) =>
    `${server} refused ${count(number, 'read')}: ${why(reason, leader)}`,
};

function why(reason: 'not-leader' | 'not-ready' | 'overloaded', leader: ServerId | null): string {
  switch (reason) {
    case 'not-leader':
      return leader === null
        ? 'it is not the leader, and knows of none'
        : `it is not the leader, ${leader} is`;
    case 'not-ready':
      return 'it has committed nothing in its term yet';
    case 'overloaded':
      return 'too much waits already';
  }
}
