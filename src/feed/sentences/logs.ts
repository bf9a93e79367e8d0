/** What happens to logs, in words. */
import type { Count, LogFact, Run } from '../logs.ts';
import { entries, list, type Sentences } from './phrases.ts';

export const logSentences: Sentences<LogFact> = {
  appendedEntries: ({ server, source, leader, runs }) => {
    const what = list(runs.map(ofTerm));
    switch (source) {
      case 'election':
        return `${server} appended ${what}, empty: the first of its leadership`;
      case 'clients':
        return `${server} appended ${what}, for clients`;
      case 'leader':
        return `${server} appended ${what}, from ${leader}`;
    }
  },
  truncatedLog: ({ server, leader, from, through, ownTerm, leaderTerm }) =>
    `${server} removed ${entries(from, through)}: its entry ${from} is of term ${ownTerm}, ${leader}'s of term ${leaderTerm}`,
  refusedEntries: ({ server, leader, mismatch, hint }) => {
    const { index, leaderTerm, ownTerm, ownLastIndex } = mismatch;
    const own =
      ownTerm === null
        ? `its log ends at entry ${ownLastIndex}`
        : `its entry ${index} is of term ${ownTerm}`;
    const agree =
      hint.index === 0 ? 'they may agree in nothing' : `they may agree through entry ${hint.index}`;
    return `${server} refused what ${leader} sent: it follows on entry ${index} of term ${leaderTerm}, and ${own}; ${agree}`;
  },
  raisedMatchIndex: ({ server, follower, from, through }) =>
    `${server} learnt that ${follower} stores its log through entry ${through}, no longer only through ${from}`,
  movedBack: ({ server, follower, refused, nextIndex }) =>
    `${server} learnt that ${follower}'s log differs at entry ${refused}: it goes back to entry ${nextIndex}`,
  foundEntriesLost: ({ server, follower, acknowledged, has }) =>
    `${server} found that ${follower} has lost entries: it had acknowledged entry ${acknowledged}, and has at most entry ${has} now`,
  committed: ({ server, from, last, ...count }) =>
    `${server} committed ${entries(from, last.index)}: ${storing(count, last.index)} store entry ${last.index} of term ${last.term}, and ${count.needed} are a majority`,
  learntCommitIndex: ({ server, leader, from, through }) =>
    `${server} learnt from ${leader} that ${entries(from, through)} ${from === through ? 'is' : 'are'} committed`,
  withheldCommit: ({ server, entry, term, ...count }) =>
    `${server} did not commit entry ${entry.index}, though ${storing(count, entry.index)} store it and ${count.needed} are a majority: it is of term ${entry.term}, and ${server} leads term ${term}`,
  applied: ({ server, from, through }) => `${server} applied ${entries(from, through)}`,
  wroteDurably: ({ server, write, durableIndex }) =>
    `${server}'s disk has write ${write}: its log is durable through entry ${durableIndex}`,
};

function ofTerm({ from, through, term }: Run): string {
  return `${entries(from, through)} of term ${term}`;
}

function storing({ storedOn }: Count, index: number): string {
  return list(storedOn.filter((each) => each.index >= index).map(({ id }) => id));
}
