/**
 * A fact in one plain English sentence, without the full stop: “b refused c's vote: its log ends
 * in term 3, c's in term 2”. Only words are made here; every name and number is the fact's.
 */
import type { AnyFact, FeedFact } from './feed-fact.ts';
import { clientSentences } from './sentences/clients.ts';
import { electionSentences } from './sentences/elections.ts';
import { logSentences } from './sentences/logs.ts';
import { outsideSentences } from './sentences/outside.ts';
import type { Sentences } from './sentences/phrases.ts';
import { snapshotSentences } from './sentences/snapshots.ts';

export { citationOf, importanceOf } from './kinds.ts';

const sentences: Sentences<AnyFact> = {
  ...electionSentences,
  ...logSentences,
  ...snapshotSentences,
  ...clientSentences,
  ...outsideSentences,
};

export function sentenceOf(fact: FeedFact): string {
  const sentence = sentences[fact.kind] as (fact: FeedFact) => string;
  return sentence(fact);
}
