/** What happens to logs, in words. */
import type { TermRun } from '../../../machines/rules/entries.ts';
import type { Copies, LogFact } from '../../../machines/rules/facts.ts';
import { count, entries, list, type Sentences } from './phrases.ts';

export const logSentences: Sentences<LogFact> = {
  appendedEntries: ({ server, source, leader, runs }) => {
    const what = list(runs.map(ofTerm));
    switch (source) {
      case 'election':
        return `${server} appended ${what}, an empty one: the first of its leadership`;
      case 'clients':
        return `${server} appended ${what}, as clients asked`;
      case 'leader':
        return `${server} appended ${what}, from ${leader}`;
    }
  },
  truncatedLog: ({ server, leader, from, through, ownTerm, leaderTerm }) =>
    `${server} removed its ${entries(from, through)}: entry ${from} is of term ${ownTerm} there, and of term ${leaderTerm} in the log of ${leader}`,
  refusedEntries: ({ server, leader, mismatch, hint }) => {
    const { index, leaderTerm, ownTerm, ownLastIndex } = mismatch;
    const own =
      ownTerm === null
        ? `its log ends at entry ${ownLastIndex}`
        : `its entry ${index} is of term ${ownTerm}`;
    return `${server} refused what ${leader} sent: it follows on entry ${index} of term ${leaderTerm}, and ${own}; ${mayAgree(hint.index)}`;
  },
  raisedMatchIndex: ({ server, follower, from, through }) =>
    `${server} learnt that ${follower} stores its log through entry ${through}, no longer only through ${from}`,
  learntMismatch: ({ server, follower, index, agree }) =>
    `${server} learnt that ${follower} does not have its entry ${index}: ${mayAgree(agree)}`,
  foundEntriesLost: ({ server, follower, acknowledged, has }) =>
    `${server} found that ${follower} has lost entries: it had acknowledged entry ${acknowledged}, and has at most entry ${has} now`,
  foundEntriesAgain: ({ server, follower, through }) =>
    `${server} found that ${follower} has again all that it had acknowledged, through entry ${through}: it counts in majorities`,
  committed: ({ server, from, last, matchIndexOf }) =>
    from === last.index
      ? `${server} committed entry ${from} of term ${last.term}: ${storing(matchIndexOf, from, 'it')}`
      : `${server} committed ${entries(from, last.index)}: ${storing(matchIndexOf, last.index, `entry ${last.index} of term ${last.term}`)}`,
  learntCommitIndex: ({ server, leader, from, through }) =>
    `${server} learnt from ${leader} that ${entries(from, through)} ${from === through ? 'is' : 'are'} committed`,
  withheldCommit: ({ server, entry, term, matchIndexOf }) =>
    `${server} did not commit entry ${entry.index}: ${storing(matchIndexOf, entry.index, 'it')}, but the entry is of term ${entry.term}, and ${server} leads term ${term}`,
  applied: ({ server, from, through }) => `${server} applied ${entries(from, through)}`,
  wroteDurably: ({ server, write, durableIndex }) =>
    `${server}'s disk has write ${write}: its log is durable through entry ${durableIndex}`,
};

function ofTerm({ from, through, term }: TermRun): string {
  return `${entries(from, through)} of term ${term}`;
}

/** Of how many of how many it knows that they store it, and who they are: others may, too. */
function storing(matchIndexOf: Copies['matchIndexOf'], index: number, what: string): string {
  const holders = matchIndexOf.filter((each) => each.index >= index).map(({ id }) => id);
  const store = holders.length === 1 ? 'stores' : 'store';
  return `it knows of ${holders.length} of ${count(matchIndexOf.length, 'server')} that ${store} ${what}, ${list(holders)}`;
}

function mayAgree(index: number): string {
  return index === 0
    ? 'their logs may not agree at all'
    : `their logs may agree through entry ${index}`;
}
