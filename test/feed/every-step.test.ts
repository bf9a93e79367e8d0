/**
 * The feed against every path of the chart: whatever a server does is told, nothing is told that it
 * did not do, and each refusal has its reason.
 */
import { describe, expect, test } from 'vitest';
import { initialTransition, transition } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import type {
  AppendEntries,
  InstallSnapshot,
  Message,
  TimeoutNow,
} from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { isMisaddressed } from '../../machines/rules/terms.ts';
import { type Role, roleOf, type ServerSnapshot, serverMachine } from '../../machines/server.ts';
import type { ServerEvent } from '../../machines/vocabulary.ts';
import { type AnyFact, type FeedFact, feedFact, type Kind } from '../../src/feed/feed-fact.ts';
import { sentenceOf } from '../../src/feed/sentences.ts';
import { SERVER_WALKS, serverPaths } from '../model/server-walks.ts';
import { kindsSeenOn } from './kinds.ts';

interface Step {
  readonly event: ServerEvent;
  readonly before: ServerState;
  readonly after: ServerState;
  readonly roleBefore: Role;
  readonly role: Role;
  readonly effects: readonly Effect[];
}

type Told = Step & { readonly facts: readonly FeedFact[] };

/** The message that came in this step; null when it was something else, or a message not for it. */
function messageOf({ event, after }: Step): Message | null {
  if (event.type !== 'rpc.received') return null;
  return isMisaddressed(after, event.message) ? null : event.message;
}

/** What must be told of a step, and of no other. */
const tellings: Readonly<Record<string, readonly [(step: Step) => boolean, readonly Kind[]]>> = {
  'a vote is granted': [(step) => answersVote(step, true), ['grantedVote']],
  'a vote is refused': [(step) => answersVote(step, false), ['refusedVote']],
  'somebody begins to lead': [
    ({ roleBefore, role }) => roleBefore !== 'leader' && role === 'leader',
    ['wonElection'],
  ],
  'somebody leads or campaigns no more': [
    ({ roleBefore, role }) => roleBefore !== 'follower' && role === 'follower',
    ['steppedDown'],
  ],
  'somebody campaigns, in another campaign than before': [
    ({ before, after }) =>
      after.campaign !== null && after.campaign.requestId !== before.campaign?.requestId,
    ['askedForPreVotes', 'askedForVotes'],
  ],
  'entries are refused': [
    ({ effects }) =>
      effects.some(
        (effect) =>
          effect.type === 'send' &&
          effect.message.type === 'AppendEntriesResponse' &&
          effect.message.requestTerm === effect.message.term &&
          !effect.message.success,
      ),
    ['refusedEntries'],
  ],
  'a leader of an older term is refused': [
    (step) => {
      const message = messageOf(step);
      return isLeaders(message) && message.term < step.before.currentTerm;
    },
    ['refusedOlderTerm'],
  ],
  'entries are written': [
    ({ effects }) => effects.some((each) => each.type === 'persist' && each.entries.length > 0),
    ['appendedEntries'],
  ],
  'something is newly committed': [
    ({ before, after }) => after.commitIndex > before.commitIndex,
    ['committed', 'learntCommitIndex', 'installedSnapshot'],
  ],
  'something is newly applied by batches': [
    ({ event, before, after }) =>
      event.type === 'entries.applied' && after.lastApplied > before.lastApplied,
    ['applied'],
  ],
  'a snapshot is begun': [has('takeSnapshot'), ['beganSnapshot']],
  'a snapshot is installed': [has('restore'), ['installedSnapshot']],
  'a chunk is sent': [has('sendChunk'), ['sentChunk']],
  'commands are refused': [has('rejectProposals'), ['refusedCommands']],
  'reads are refused': [has('rejectReads'), ['refusedReads']],
  'reads are confirmed': [has('answerReads'), ['confirmedReads']],
  'a follower has lost what it had': [has('warn'), ['foundEntriesLost', 'foundEntriesAgain']],
  'leadership is handed over': [
    ({ effects }) =>
      effects.some((each) => each.type === 'send' && each.message.type === 'TimeoutNow'),
    ['offeredLeadership'],
  ],
};

function has(type: Effect['type']): (step: Step) => boolean {
  return ({ effects }) => effects.some((effect) => effect.type === type);
}

function isLeaders(
  message: Message | null,
): message is AppendEntries | InstallSnapshot | TimeoutNow {
  return (
    message?.type === 'AppendEntries' ||
    message?.type === 'InstallSnapshot' ||
    message?.type === 'TimeoutNow'
  );
}

function answersVote(step: Step, granted: boolean): boolean {
  const message = messageOf(step);
  if (message?.type !== 'RequestVote' && message?.type !== 'PreVote') return false;
  return step.effects.some(
    (effect) =>
      effect.type === 'send' &&
      'granted' in effect.message &&
      effect.message.to === message.from &&
      effect.message.granted === granted,
  );
}

/** What is not true of a fact whose own numbers contradict it; null when all is well. */
function contradiction(fact: AnyFact): string | null {
  switch (fact.kind) {
    case 'wonElection':
      return fact.votes.length >= fact.needed ? null : 'too few votes';
    case 'committed': {
      const holders = fact.matchIndexOf.filter(({ index }) => index >= fact.last.index);
      return holders.length >= fact.needed ? null : 'too few store it';
    }
    case 'withheldCommit': {
      const holders = fact.matchIndexOf.filter(({ index }) => index >= fact.entry.index);
      if (holders.length < fact.needed) return 'too few store it';
      return fact.entry.term < fact.term ? null : 'it is of the leader’s own term';
    }
    case 'truncatedLog':
      return fact.ownTerm === fact.leaderTerm ? 'there is no conflict' : null;
    case 'refusedEntries':
      return fact.mismatch.ownTerm === fact.mismatch.leaderTerm ? 'there is no mismatch' : null;
    case 'raisedMatchIndex':
      return fact.through > fact.from ? null : 'it is not raised';
    default:
      return null;
  }
}

/** As an action is executed: with what it is given. */
interface Action {
  readonly type: string;
  readonly params?: unknown;
}

const seen = new Set<Kind>();

function* stepsOf(name: keyof typeof SERVER_WALKS): Generator<Told> {
  const walk = SERVER_WALKS[name] ?? expect.fail();
  const [start] = initialTransition(serverMachine, { ...walk.input, isExplained: true });
  for (const path of serverPaths(walk)) {
    let before = start;
    for (const event of path) {
      const next = nextOf(before, event as ServerEvent);
      if (next === null) break;
      const [after, actions] = next;
      const step: Step = {
        event: event as ServerEvent,
        before: before.context,
        after: after.context,
        roleBefore: roleOf(before),
        role: roleOf(after),
        effects: (actions as readonly Action[])
          .filter(({ type }) => type === 'xstate.emit')
          .map(({ params }) => (params as { readonly event: Effect }).event),
      };
      before = after;
      const facts = step.effects.flatMap((effect) =>
        effect.type === 'explain' ? [feedFact(after.context.id, effect.fact)] : [],
      );
      yield { ...step, facts };
    }
  }
}

/** Null when it must never happen: the path ends there. */
function nextOf(before: ServerSnapshot, event: ServerEvent) {
  try {
    return transition(serverMachine, before, event);
  } catch (error) {
    if (error instanceof InvariantViolation) return null;
    throw error;
  }
}

describe.each(Object.keys(SERVER_WALKS))('on the paths %s', (name) => {
  const wrong: string[] = [];
  test('all that happens is told, and nothing else', () => {
    for (const step of stepsOf(name)) {
      const kinds = step.facts.map(({ kind }) => kind);
      for (const kind of kinds) seen.add(kind);
      for (const [what, [happens, telling]] of Object.entries(tellings)) {
        const isTold = kinds.some((kind) => telling.includes(kind));
        if (happens(step) !== isTold) wrong.push(`${step.event.type}: ${what}: ${kinds.join()}`);
      }
      for (const happened of step.facts) {
        const sentence = sentenceOf(happened);
        if (/undefined|null|NaN|\[object/.test(sentence)) wrong.push(sentence);
        const contradicted = contradiction(happened);
        if (contradicted !== null) wrong.push(`${sentence}: ${contradicted}`);
      }
    }
    expect([...new Set(wrong)]).toEqual([]);
  });
});

test('every kind that these paths can show is shown by them', () => {
  expect([...seen].sort()).toEqual([...kindsSeenOn('paths')].sort());
});
