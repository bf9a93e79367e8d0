/** What messages say, and what is made of them (Figure 2; §5.3, §5.4.2). */
import type { MustSection } from '../must.ts';

const append = {
  file: 'machines/rules/append-entries.ts',
  test: 'test/rules/append-entries.test.ts',
};
const leader = { file: 'machines/rules/replication.ts', test: 'test/rules/replication.test.ts' };
const acknowledgements = {
  file: 'machines/rules/acknowledgements.ts',
  test: 'test/rules/acknowledgements.test.ts',
};
const progress = { file: 'machines/rules/progress.ts', test: 'test/rules/progress.test.ts' };
const commitment = { file: 'machines/rules/commitment.ts', test: 'test/rules/commitment.test.ts' };

export const messages: MustSection = {
  title: 'Messages (§5.3)',
  musts: [
    {
      must: 'A response echoes the number of its request.',
      file: 'machines/rules/messages.ts',
      find: 'requestTerm, requestId };',
      replace: 'requestTerm, requestId: 0 };',
      test: append.test,
    },
    {
      must: 'A response echoes the term of its request.',
      file: 'machines/rules/messages.ts',
      find: 'requestTerm, requestId };',
      replace: 'requestTerm: currentTerm, requestId };',
      test: 'test/rules/terms.test.ts',
    },
    {
      must: 'Numbers come from one counter of the server.',
      ...leader,
      find: 'requestId += 1;\n    const message',
      replace: 'requestId = 1;\n    const message',
    },
    {
      must: 'Success acknowledges what the request covered, never the follower’s last index.',
      ...append,
      find: 'const acknowledged = request.prevLogIndex + request.entries.length;',
      replace: 'const acknowledged = state.log.lastIndex;',
    },
    {
      must: 'A heartbeat’s answer acknowledges only what is durable.',
      ...append,
      find: 'isHeartbeat ? Math.min(through, state.writes.durableIndex) : through',
      replace: 'isHeartbeat ? through : through',
    },
    {
      must: 'A prefix up to our commit index matches by definition.',
      ...append,
      find: 'return index <= state.commitIndex || ',
      replace: 'return ',
    },
    {
      must: 'A follower truncates only at a real conflict.',
      ...append,
      find: 'const firstNew = request.entries.findIndex((entry) => !isKnown(entry));',
      replace: 'const firstNew = request.entries.findIndex((entry) => isKnown(entry) || true);',
    },
    {
      must: 'A conflict at or below the commit index stops the server.',
      ...append,
      find: '    from > state.commitIndex,',
      replace: '    from > 0,',
    },
    {
      must: 'The commit index follows the leader’s no further than the last new entry.',
      ...append,
      find: 'Math.min(request.leaderCommit, acknowledged)',
      replace: 'Math.min(request.leaderCommit, next.log.lastIndex)',
    },
    {
      must: 'The commit index never falls.',
      ...commitment,
      test: append.test,
      find: 'if (commitIndex <= state.commitIndex) return decide(state);',
      replace: 'if (commitIndex === state.commitIndex) return decide(state);',
    },
    {
      must: 'A refusal hints the greatest index whose term may still agree.',
      ...append,
      find: 'const hintIndex = state.log.lastIndexAtMost({ index, term });',
      replace: 'const hintIndex = Math.min(index - 1, state.log.lastIndex);',
    },
    {
      must: 'The leader skips whole terms on its side, too.',
      ...acknowledgements,
      find: ': log.lastIndexAtMost({ index: hintIndex, term: hintTerm });',
      replace: ': hintIndex;',
    },
  ],
};

export const replication: MustSection = {
  title: 'Progress and commitment (§5.3, §5.4.2)',
  musts: [
    {
      must: 'Backing up never passes what is known to match.',
      ...progress,
      find: 'const nextIndex = Math.max(progress.matchIndex + 1, before);',
      replace: 'const nextIndex = before;',
    },
    {
      must: 'While probing, only the answer to the outstanding probe counts.',
      ...progress,
      find: 'return since !== null && answer.requestId >= since;',
      replace: 'return since !== null || answer.requestId >= 0;',
    },
    {
      must: '… and it ends probing only where both logs hold the same entry.',
      ...acknowledgements,
      find: 'const agrees = state.log.holds({ index: hintIndex, term: response.hintTerm });',
      replace: 'const agrees = hintIndex <= state.log.lastIndex;',
    },
    {
      must: 'While replicating, a refusal counts only above what matches.',
      ...progress,
      find: 'return refusal.prevLogIndex > progress.matchIndex && ',
      replace: 'return ',
    },
    {
      must: '`matchIndex` never falls.',
      ...acknowledgements,
      find: 'if (learnt <= follower.matchIndex) return follower;',
      replace: 'if (learnt === follower.matchIndex) return follower;',
    },
    {
      must: '`matchIndex` never passes our own last index.',
      ...acknowledgements,
      find: 'const learnt = Math.min(matchIndex, state.log.lastIndex);',
      replace: 'const learnt = matchIndex;',
    },
    {
      must: 'A follower that lost acknowledged entries is sent no more, and this is reported.',
      ...acknowledgements,
      find: 'if (isBelowMatch && requestId > heard.matchedAt)',
      replace: 'if (isBelowMatch && requestId < 0)',
    },
    {
      must: '… unless the refusal is older than the match.',
      ...acknowledgements,
      find: 'if (isBelowMatch && requestId > heard.matchedAt)',
      replace: 'if (isBelowMatch)',
    },
    {
      must: 'Heartbeats show the entry before the next one, so that a loss is noticed.',
      ...progress,
      find: 'transfer === null ? nextIndex - 1 : 0',
      replace: '0',
    },
    {
      must: 'Heartbeats during a transfer show nothing.',
      ...progress,
      find: 'transfer === null ? nextIndex - 1 : 0',
      replace: 'nextIndex - 1',
    },
    {
      must: 'Only an entry of the leader’s own term is committed by counting.',
      ...commitment,
      find: ' && state.log.termAt(stored) === state.currentTerm;',
      replace: ';',
    },
    {
      must: 'An entry is committed when a majority stores it.',
      file: 'machines/rules/quorum.ts',
      find: 'return Math.floor(voters / 2) + 1;',
      replace: 'return Math.floor((voters - 1) / 2) + 1;',
      test: 'test/rules/quorum.test.ts',
    },
    {
      must: 'The leader counts itself only for what its own disk has confirmed.',
      ...commitment,
      find: '? leadership.ownMatchIndex',
      replace: '? state.log.lastIndex',
    },
    {
      must: 'Lost messages are sent again: a heartbeat reveals them.',
      file: 'machines/replication.ts',
      find: "\n          actions: 'askForHeartbeat',",
      replace: '',
      test: 'test/paper/majorities.test.ts',
    },
  ],
};
