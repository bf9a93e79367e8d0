/**
 * A happening in one plain English sentence, without the full stop: “b refused c's vote: its log ends
 * in term 3, c's in term 2”. Only words are made here; every name and number is the happening's.
 */
import type { Fact, Happening } from './happenings.ts';
import { clientSentences } from './sentences/clients.ts';
import { electionSentences } from './sentences/elections.ts';
import { logSentences } from './sentences/logs.ts';
import { outsideSentences } from './sentences/outside.ts';
import type { Sentences } from './sentences/phrases.ts';
import { snapshotSentences } from './sentences/snapshots.ts';

export { citationOf } from './citations.ts';
export { importanceOf } from './importance.ts';

const sentences: Sentences<Fact> = {
  ...electionSentences,
  ...logSentences,
  ...snapshotSentences,
  ...clientSentences,
  ...outsideSentences,
};

export function sentenceOf(happening: Happening): string {
  const sentence = sentences[happening.kind] as (happening: Happening) => string;
  return sentence(happening);
}
