/** What happens to snapshots, in words. */

import type { LogIndex } from '../../../machines/rules/entries.ts';
import type { SnapshotFact } from '../../../machines/rules/facts.ts';
import { count, type Sentences } from './phrases.ts';

export const snapshotSentences: Sentences<SnapshotFact> = {
  beganSnapshot: ({ server, through }) =>
    `${server} takes a snapshot of what it has applied, through entry ${through}`,
  tookSnapshot: ({ server, index, term, sizeBytes, logFrom }) =>
    `${server} has a snapshot through entry ${index} of term ${term}, ${count(sizeBytes, 'byte')} long; ${remains(index, logFrom)}`,
  offeredSnapshot: ({ server, to, index, term, matchIndex, logFrom }) =>
    `${server} offers ${to} its snapshot through entry ${index} of term ${term}: ${to} is known to store the log through entry ${matchIndex}, and ${server}'s begins with entry ${logFrom}`,
  sentChunk: ({ server, to, index, offset, sizeBytes }) =>
    `${server} sends ${to} its snapshot through entry ${index}, from byte ${offset} of ${sizeBytes} on`,
  storedChunk: ({ server, from, index, nextOffset, sizeBytes }) =>
    `${server} has stored ${nextOffset} of the ${count(sizeBytes, 'byte')} of ${from}'s snapshot through entry ${index}`,
  installedSnapshot: ({ server, from, index, term, kept, dropped }) =>
    `${server} installed ${from}'s snapshot through entry ${index} of term ${term}${behind(kept, dropped)}`,
  rejectedSnapshot: ({ server, from, index }) =>
    `${server} threw away ${from}'s snapshot through entry ${index}: its bytes are damaged; it starts over`,
  neededNoSnapshot: ({ server, from, index, commitIndex }) =>
    `${server} needs no snapshot through entry ${index} from ${from}: it has committed entry ${commitIndex}`,
};

/** Some of what the snapshot covers may stay, for followers that are not far behind. */
function remains(index: LogIndex, logFrom: LogIndex): string {
  return logFrom > index
    ? `its log goes on with entry ${logFrom}`
    : `of its log it keeps the entries from ${logFrom} on`;
}

/** What becomes of the entries behind the snapshot; the one or the other, never both. */
function behind(kept: number, dropped: number): string {
  if (kept > 0) return `, and keeps the rest of its log, ${count(kept, 'entry', 'entries')} long`;
  if (dropped === 0) return '';
  return `, and drops the rest of its log, ${count(dropped, 'entry', 'entries')} long: it does not follow on it`;
}
