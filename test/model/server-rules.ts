/**
 * What is true of every step of a server, said in the paper's words and checked without the rules
 * that decide it: roles, terms, votes, timers (§5.1, §5.2), logs and commitment (§5.3, §5.4), and
 * what waits for the disk.
 */

import { isDeepStrictEqual } from 'node:util';
import type { Effect, Send } from '../../machines/rules/effects.ts';
import type { LogIndex, ServerId } from '../../machines/rules/entries.ts';
import type {
  AppendEntries,
  InstallSnapshot,
  Message,
  TimeoutNow,
} from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import type { Role } from '../../machines/server.ts';
import { sharedThrough } from './paper-disk.ts';
import { lacksEntries, messageIn, type ServerAccount } from './server-account.ts';
import type { Step } from './step.ts';

/** One step, and what is known when it is over. */
export interface Moment {
  readonly before: Step<ServerState>;
  readonly step: Step<ServerState>;
  readonly was: ServerState;
  readonly is: ServerState;
  readonly roleBefore: Role;
  readonly role: Role;
  readonly message: Message | null;
  readonly effects: readonly Effect[];
  readonly sends: readonly Send[];
  readonly account: ServerAccount;
  /** Who had answered since the quorum check before this step. */
  readonly lastAcknowledgedRequest: ReadonlySet<ServerId>;
}

type Rules = Readonly<Record<string, (moment: Moment) => boolean>>;

const aboutRoles: Rules = {
  'leadership exists while leading and a campaign while campaigning (§5.2)': ({ is, role }) =>
    (is.leadership !== null) === (role === 'leader') &&
    (is.campaign !== null) === (role === 'candidate'),
  'a leader hears from itself, a candidate from nobody, a follower only in `following`': ({
    is,
    role,
    step,
  }) => {
    if (role !== 'follower') return is.heardLeader === (role === 'leader' ? is.id : null);
    return is.heardLeader === null || isDeepStrictEqual(step.value, { follower: 'following' });
  },
  'the leader of a term is known once, until a newer term (Figure 3)': ({ was, is }) =>
    is.currentTerm > was.currentTerm || was.termLeader === null || is.termLeader === was.termLeader,
  'whoever is heard from leads the term (thesis §4.2.3)': ({ is }) =>
    is.heardLeader === null || is.heardLeader === is.termLeader,
  'a second leader of the term is not obeyed, it stops the server (Figure 3)': ({ was, message }) =>
    message === null ||
    !isOfLeaders(message) ||
    message.term !== was.currentTerm ||
    was.termLeader === null ||
    message.from === was.termLeader,
  'what is for another server, or in our own name, changes nothing': (moment) => {
    const { message, was, is, step, effects } = moment;
    if (message !== null || messageIn(step.event) === null) return true;
    return was === is && effects.length === 0 && step.armed.length === 0;
  },
  'terms never fall (§5.1)': ({ was, is }) => is.currentTerm >= was.currentTerm,
  'within a term the vote changes from none only (§5.2)': ({ was, is }) =>
    is.currentTerm > was.currentTerm || was.votedFor === null || is.votedFor === was.votedFor,
  'a vote is given to a log at least as up to date only (§5.4.1)': ({ was, message, sends }) => {
    if (message?.type !== 'RequestVote' || !sends.some(isGranted)) return true;
    const { lastTerm, lastIndex } = was.log;
    return message.lastLogTerm === lastTerm
      ? message.lastLogIndex >= lastIndex
      : message.lastLogTerm > lastTerm;
  },
  'a leader was elected by a majority, its own vote on its disk (§5.2)': (moment) => {
    const { is, role, roleBefore, account } = moment;
    if (role !== 'leader' || roleBefore === 'leader') return true;
    const { durable, grants } = account;
    const own = durable.term === is.currentTerm && durable.votedFor === is.id;
    return isMajority(is, (id) => (id === is.id ? own : grants.has(id)));
  },
  'a leader that no majority hears steps down (thesis §6.2)': (moment) => {
    const { was, step, role, roleBefore, lastAcknowledgedRequest } = moment;
    if (roleBefore !== 'leader' || !isTime(step.event)) return true;
    const isHeard = isMajority(was, (id) => id === was.id || lastAcknowledgedRequest.has(id));
    return (role === 'leader') === isHeard;
  },
  'a pre-vote changes nothing, and is answered (thesis §9.6)': ({ was, is, message, sends }) =>
    message?.type !== 'PreVote' || (was === is && sends.length === 1),
  'only leaders speak as leaders, and only candidates ask for votes': ({ role, effects, sends }) =>
    sends.every(({ message: { type } }) => {
      if (type === 'AppendEntries' || type === 'TimeoutNow') return role === 'leader';
      return (type !== 'RequestVote' && type !== 'PreVote') || role === 'candidate';
    }) &&
    (role === 'leader' || effects.every(({ type }) => type !== 'sendChunk')),
  'who stops leading says so': ({ role, roleBefore, effects }) =>
    effects.some(({ type }) => type === 'leadershipLost') ===
    (roleBefore === 'leader' && role !== 'leader'),
};

const aboutTimers: Rules = {
  'one timer runs: an election timer, or a leader’s quorum check (§5.2)': ({ step, role }) => {
    const timers = step.timers.filter((timer) => !isRetry(timer));
    return timers.length === 1 && step.timers.every((timer) => timer.split('.')[4] === role);
  },
  'a candidate, and nobody else, has one more timer, to ask again (§5.1)': ({ step, role }) =>
    step.timers.filter(isRetry).length === (role === 'candidate' ? 1 : 0),
  'who asks again asks the same, of those that have not answered, and behind its own vote (§5.1)':
    ({ step, was, is, effects, sends }) => {
      if (!isRetry(step.event.type)) return true;
      const { requestId, term, votes, writeId } = is.campaign ?? {};
      if (effects.length > sends.length || is.requestId !== was.requestId) return false;
      if (writeId !== undefined && is.writes.durable < writeId) return sends.length === 0;
      return sends.every(
        ({ message }) =>
          message.requestId === requestId &&
          term === (message.type === 'PreVote' ? message.proposedTerm : message.term) &&
          !votes?.includes(message.to),
      );
    },
  'an election timer restarts for word of the leader, for a vote given, in its time (§5.2)': (
    moment,
  ) => {
    const { step, role, roleBefore, is, message, sends } = moment;
    if (role !== 'follower' || roleBefore !== 'follower' || step.armed.length === 0) return true;
    if (isTime(step.event) || step.event.type === 'connection.lost') return true;
    const isLeaders = message?.type === 'AppendEntries' || message?.type === 'InstallSnapshot';
    return (isLeaders && message.term === is.currentTerm) || sends.some(isGranted);
  },
};

const aboutLogs: Rules = {
  'applied is committed, and committed is logged': ({ is }) =>
    is.lastApplied <= is.commitIndex && is.commitIndex <= is.log.lastIndex,
  'what is committed, applied or in a snapshot never falls back': ({ was, is }) =>
    is.commitIndex >= was.commitIndex &&
    is.lastApplied >= was.lastApplied &&
    (is.snapshot?.index ?? 0) >= (was.snapshot?.index ?? 0),
  'the terms of a log never fall, and none is newer than its server’s (§5.3)': ({ is }) =>
    termsOf(is).every((term, at, all) => term >= (all[at - 1] ?? 0) && term <= is.currentTerm),
  'committed entries are never replaced (§5.4)': ({ was, is }) =>
    agreeThrough(was, is, was.commitIndex),
  'a leader only appends (Figure 3)': ({ was, is, roleBefore }) =>
    roleBefore !== 'leader' ||
    (is.log.lastIndex >= was.log.lastIndex && agreeThrough(was, is, was.log.lastIndex)),
  'a leader commits what a majority has on disk, of its own term (§5.4.2)': (moment) => {
    const { was, is, role, account } = moment;
    if (role !== 'leader' || is.commitIndex === was.commitIndex) return true;
    const through = (id: ServerId): LogIndex =>
      id === is.id ? sharedThrough(account.durable, is.log) : (account.acknowledged.get(id) ?? 0);
    return (
      is.log.termAt(is.commitIndex) === is.currentTerm &&
      isMajority(is, (id) => !lacksEntries(is, id) && through(id) >= is.commitIndex)
    );
  },
  'a follower commits what its leader says, and no further than it was shown (§5.3)': (moment) => {
    const { was, is, role, message } = moment;
    if (role === 'leader' || is.commitIndex === was.commitIndex) return true;
    if (is.commitIndex === is.snapshot?.index) return true;
    if (message?.type !== 'AppendEntries') return false;
    const shown = message.prevLogIndex + message.entries.length;
    return is.commitIndex <= Math.min(message.leaderCommit, shown);
  },
  'what is committed is applied once, and in order': ({ is, effects, account }) => {
    for (const effect of effects) {
      if (effect.type === 'restore') account.appliedThrough = effect.snapshot.index;
      for (const { index } of effect.type === 'apply' ? effect.entries : []) {
        if (index !== account.appliedThrough + 1) return false;
        account.appliedThrough = index;
      }
    }
    return account.appliedThrough === is.commitIndex;
  },
};

const aboutClients: Rules = {
  'a read is settled once, and answered by a leader that has committed in its term (§8)': (
    moment,
  ) => {
    const { is, role, effects, account } = moment;
    return effects.every((effect) => {
      if (effect.type !== 'answerReads' && effect.type !== 'rejectReads') return true;
      const isNew = effect.reads.every((read) => !account.settledReads.has(read));
      for (const read of effect.reads) account.settledReads.add(read);
      if (effect.type === 'rejectReads') return isNew;
      return isNew && role === 'leader' && is.log.termAt(is.commitIndex) === is.currentTerm;
    });
  },
  'a proposal is taken or refused, by a leader or another': ({ step, effects, roleBefore }) => {
    if (step.event.type !== 'client.proposed') return true;
    const said = effects.map(({ type }) => type);
    return said.includes(roleBefore === 'leader' ? 'proposalsAppended' : 'rejectProposals');
  },
};

function isGranted({ message }: Send): boolean {
  return message.type === 'RequestVoteResponse' && message.granted;
}

function isOfLeaders(message: Message): message is AppendEntries | InstallSnapshot | TimeoutNow {
  return ['AppendEntries', 'InstallSnapshot', 'TimeoutNow'].includes(message.type);
}

function isRetry(timer: string): boolean {
  return timer.startsWith('xstate.after.retryInterval.');
}

export function isTime({ type }: { readonly type: string }): boolean {
  return type.startsWith('xstate.after.');
}

function isMajority({ log }: ServerState, holds: (id: ServerId) => boolean): boolean {
  const voters = log.configuration.servers.filter(({ votes }) => votes);
  return 2 * voters.filter(({ id }) => holds(id)).length > voters.length;
}

function termsOf({ log }: ServerState): readonly number[] {
  return log.slice(log.firstIndex).map(({ term }) => term);
}

/** Whether both have the same entries through there, as far as both have them in memory. */
function agreeThrough(was: ServerState, is: ServerState, through: LogIndex): boolean {
  const first = Math.max(was.log.firstIndex, is.log.firstIndex);
  return was.log.slice(first, through).every(({ index, term }) => is.log.termAt(index) === term);
}

export const PAPER_RULES: Rules = { ...aboutRoles, ...aboutTimers, ...aboutLogs, ...aboutClients };
