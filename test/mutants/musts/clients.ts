/** Snapshots coming into force (§7), and what clients are promised (§8). */
import type { MustSection } from '../must.ts';

const sessions = { file: 'machines/rules/sessions.ts', test: 'test/rules/sessions.test.ts' };
const calls = { file: 'src/host/calls.ts', test: 'test/host/calls.test.ts' };
const reads = { file: 'machines/rules/reads.ts', test: 'test/rules/reads.test.ts' };

export const snapshots: MustSection = {
  title: 'Snapshots (§7; Figure 13)',
  musts: [
    {
      must: 'A snapshot comes into force by one ordinary write: pointer, log cut, hard state.',
      file: 'machines/rules/install-snapshot.ts',
      find: '{ truncateFrom, base: log.base, snapshot }',
      replace: '{ truncateFrom, snapshot }',
      test: 'test/rules/install-snapshot.test.ts',
    },
    {
      must: 'One at or below our commit index is not installed.',
      file: 'machines/rules/install-snapshot.ts',
      find: 'return snapshot.index <= state.commitIndex;',
      replace: 'return snapshot.index < 0;',
      test: 'test/rules/install-snapshot.test.ts',
    },
    {
      must: 'The entries behind it stay only if ours at its index has its term.',
      file: 'machines/rules/log.ts',
      find: 'return isContinuation ? this.compactThrough(base.index) : Log.from(base);',
      replace:
        'return base.index <= this.lastIndex ? this.compactThrough(base.index) : Log.from(base);',
      test: 'test/rules/log.test.ts',
    },
    {
      must: 'An installation that finishes late, below our commit index, is ignored.',
      file: 'machines/rules/install-snapshot.ts',
      find: 'if (snapshot.index <= state.commitIndex) return',
      replace: 'if (snapshot.index < 0) return',
      test: 'test/rules/install-snapshot.test.ts',
    },
  ],
};

export const clients: MustSection = {
  title: 'Clients (§8; thesis §6.3)',
  musts: [
    {
      must: 'Every accepted call settles by its deadline.',
      ...calls,
      find: 'deadline: this.#pendingCalls.deadlineAfter(timeoutMs),',
      replace: 'deadline: this.#pendingCalls.deadlineAfter(timeoutMs * 1_000),',
    },
    {
      must: 'Overwritten is told only when an entry of another term is committed there.',
      ...calls,
      find: "if (appended.term !== term) this.#settle(call, refusal('overwritten', leader));",
      replace: "if (appended.term < 0) this.#settle(call, refusal('overwritten', leader));",
    },
    {
      must: 'What was appended and is not known is unknown, not refused.',
      ...calls,
      find: 'mayBeAppended ? TIMED_OUT',
      replace: '!mayBeAppended ? TIMED_OUT',
    },
    {
      must: 'Leadership lost: unknown, once nobody has told.',
      ...calls,
      find: 'for (const call of calls) this.#settle(call, LEADERSHIP_LOST);',
      replace: "for (const call of calls) this.#settle(call, refusal('not-leader', null));",
    },
    {
      must: 'A snapshot over its index leaves a call unknown.',
      ...calls,
      find: '        this.#settle(call, LEADERSHIP_LOST);\n      }\n    }\n    this.#appendedBatches = this',
      replace:
        "        this.#settle(call, refusal('overwritten', null));\n      }\n    }\n    this.#appendedBatches = this",
    },
    {
      must: 'A stop leaves what was appended unknown.',
      ...calls,
      find: "this.#settle(call, { outcome: 'unknown', reason: 'stopped' });",
      replace: "this.#settle(call, refusal('stopped', null));",
    },
    {
      must: 'A client is answered when its entry is committed and applied.',
      file: 'machines/rules/proposals.ts',
      find: "{ type: 'proposalsAppended', batch, count, index, term },",
      replace:
        "{ type: 'proposalsAppended', batch, count, index, term }, { type: 'apply', entries },",
      test: 'test/host/calls.test.ts',
    },
    {
      must: 'A redirect names only a leader heard within the minimum election timeout.',
      file: 'machines/rules/term-leader.ts',
      find: 'explained(decide({ ...state, heardLeader: null }), ',
      replace: 'explained(decide(state), ',
      test: 'test/machines/follower.test.ts',
    },
    {
      must: 'Over HTTP, unknown is 504 and nothing else is.',
      file: 'src/service/outcome-to-response.ts',
      find: "    'outcome_unknown',",
      replace: "    'no_leader',",
      test: 'test/contracts/service.test.ts',
    },
    {
      must: 'Requests of one connection take effect in their order; only safe ones run side by side.',
      file: 'src/service/request-order.ts',
      find: 'return isSafe && this.#isSafe && this.#running < REQUESTS_PER_CONNECTION_MAX;',
      replace: 'return true;',
      test: 'test/contracts/request-order.test.ts',
    },
    {
      must: 'Requests that wait for those before them are counted.',
      file: 'src/service/request-order.ts',
      find: 'if (this.#turnedAway > 0 || !this.#inFlight.enter(request)) {',
      replace: 'if (this.#turnedAway > 0) {',
      test: 'test/contracts/request-order.test.ts',
    },
    {
      must: 'An unknown session: not applied, expired.',
      ...sessions,
      find: "if (session === undefined) return { verdict: 'session-expired' };",
      replace: "if (session === undefined) return { verdict: 'apply' };",
    },
    {
      must: 'A sequence below what was declared answered: not applied.',
      ...sessions,
      find: "if (command.sequence < session.firstUnanswered) return { verdict: 'answer-discarded' };",
      replace: '',
    },
    {
      must: 'A repeat is given the first answer.',
      ...sessions,
      find: "if (answer !== undefined) return { verdict: 'repeat', answer };",
      replace: '',
    },
    {
      must: 'At most 64 commands of a session are unanswered.',
      ...sessions,
      find: 'outstanding.length < UNANSWERED_MAX ?',
      replace: 'outstanding.length >= 0 ?',
    },
    {
      must: 'Sessions expire by cluster time.',
      ...sessions,
      find: 'return time - session.lastActive > expiryMs(session, settings);',
      replace: 'return time < 0;',
    },
    {
      must: 'What a client gave up is fenced by the next command it sends.',
      ...sessions,
      find: 'firstUnanswered: Math.max(session.firstUnanswered, command.firstUnanswered),',
      replace: 'firstUnanswered: session.firstUnanswered,',
    },
    {
      must: 'A client never repeats under a new session: expired on a repeat means unknown.',
      file: 'machines/rules/request.ts',
      find: "return result.type === 'refused' ? !state.mayHaveBeenApplied : result.type === 'answered';",
      replace: "return result.type === 'refused' || result.type === 'answered';",
      test: 'test/machines/request.test.ts',
    },
    {
      must: 'No read before the leader has committed in its term.',
      ...reads,
      find: 'Math.max(state.commitIndex, leadership.firstIndex)',
      replace: 'state.commitIndex',
    },
    {
      must: 'A read is confirmed only by numbers given out after it.',
      ...reads,
      find: 'echoed > read.requestId',
      replace: 'echoed >= read.requestId',
    },
    {
      must: '… and by a majority.',
      ...reads,
      find: 'echoed > read.requestId',
      replace: 'echoed >= 0',
    },
    {
      must: 'A majority of one confirms reads at once.',
      file: 'machines/rules/reads.ts',
      find: '? Number.POSITIVE_INFINITY',
      replace: '? 0',
      test: 'test/rules/reads.test.ts',
    },
    {
      must: 'A refusal confirms a read like any other answer of the term.',
      file: 'machines/rules/acknowledgements.ts',
      find: 'return response.success ? accepted(state, heard, response) : refused(state, heard, response);',
      replace:
        'return response.success ? accepted(state, heard, response) : refused(state, follower, response);',
      test: 'test/rules/acknowledgements.test.ts',
    },
    {
      must: 'Expiry is a replicated setting, never a server’s own option.',
      file: 'src/host/applier.ts',
      find: 'sessions.settings = decodeSettings(entry.bytes);',
      replace: 'decodeSettings(entry.bytes);',
      test: 'test/host/sessions.test.ts',
    },
  ],
};
