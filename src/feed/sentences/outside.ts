/** What is done to servers and links from outside, in words. */
import type { Outcome } from '../../ports/outcome.ts';
import type { OutsideFact } from '../outside.ts';
import { entries, list, type Sentences } from './phrases.ts';

export const outsideSentences: Sentences<OutsideFact> = {
  started: ({ server, term, votedFor, lastLog, commitIndex, snapshotIndex }) => {
    const vote = votedFor === null ? '' : `, in which it voted for ${votedFor}`;
    const log = lastLog.index === 0 ? 'an empty log' : `a log that ends at entry ${lastLog.index}`;
    const snapshot = snapshotIndex === 0 ? '' : ` and a snapshot through entry ${snapshotIndex}`;
    const known = commitIndex > snapshotIndex ? `; it knows of commits through ${commitIndex}` : '';
    return `${server} started in term ${term}${vote}, with ${log}${snapshot}${known}`;
  },
  crashed: ({ server, lastIndex, durableIndex }) => {
    if (lastIndex === 0) return `${server} crashed: its log is empty`;
    return durableIndex >= lastIndex
      ? `${server} crashed: its log, through entry ${lastIndex}, is on its disk`
      : `${server} crashed: its disk is sure to have its log through entry ${durableIndex} only, not ${entries(durableIndex + 1, lastIndex)}`;
  },
  paused: ({ server }) => `${server} is paused: it does nothing while time goes on`,
  resumed: ({ server }) => `${server} resumes, and receives at once what it has missed`,
  stopped: ({ server }) => `${server} was asked to stop`,
  failed: ({ server, message }) => `${server} has failed: ${message}`,
  wasTimedOut: ({ server }) => `${server}'s timer was made to expire`,
  lostLink: ({ server, to }) => `the link from ${server} to ${to} is cut`,
  regainedLink: ({ server, to }) => `the link from ${server} to ${to} is whole again`,
  partitioned: ({ groups }) =>
    `the network is split: ${list(groups.map((group) => `{${group.join(', ')}}`))} hear nothing of each other`,
  healed: () => 'the network is whole again',
  lostMessage: ({ server, to, message, why }) => `${server}'s ${message} to ${to} ${LOST[why]}`,
  settledCall: ({ call, isRead, outcome }) => `${call} ${settled(outcome, isRead)}`,
};

const LOST = {
  dropped: 'was dropped on its way',
  cut: 'was lost: the link is cut',
  nobody: 'found nobody there',
} as const;

function settled(outcome: Outcome<unknown>, isRead: boolean): string {
  switch (outcome.outcome) {
    case 'applied':
      return isRead
        ? `was answered as of entry ${outcome.index}`
        : `was applied as entry ${outcome.index} of term ${outcome.term}`;
    case 'refused': {
      const leader = outcome.leader === null ? '' : `; ${outcome.leader} leads`;
      return `was refused, and not applied (${outcome.reason})${leader}`;
    }
    case 'unknown':
      return `may have been applied, or may yet be (${outcome.reason})`;
  }
}
