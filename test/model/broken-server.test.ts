/**
 * The rules that every path is held against notice a broken machine by themselves: here the model
 * and the actor are broken alike, so comparing them shows nothing.
 */
import { expect, test } from 'vitest';
import { assign, emit, enqueueActions } from 'xstate';
import type { RequestVote } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import { requestVoteResponse } from '../rules/messages.ts';
import { checkServer } from './check-server.ts';
import { hardState, SERVER_WALKS, serverPaths } from './server-walks.ts';
import { walk } from './walk.ts';

type Provided = Parameters<ServerMachine['provide']>[0];

const changing = (change: (state: ServerState) => Partial<ServerState>) =>
  assign(({ context }: { context: ServerState }) => change(context));
const nothing = enqueueActions(() => {});

/** A rule, and what breaks it: guards forced, actions replaced. */
const broken: readonly (readonly [rule: string, walk: string, change: object])[] = [
  [
    'within a term the vote changes from none only',
    'of elections',
    {
      guards: {
        mayGrantVote: ({ context }: { context: ServerState }, request: RequestVote) =>
          context.heardLeader === null && request.lastLogIndex === context.log.lastIndex,
      },
    },
  ],
  [
    'a vote is given to a log at least as up to date',
    'of elections',
    {
      guards: {
        mayGrantVote: ({ context }: { context: ServerState }) => context.votedFor === null,
      },
    },
  ],
  ['a leader was elected by a majority', 'of elections', { guards: { wonElection: () => true } }],
  [
    'a leader that no majority hears steps down',
    'of elections',
    { guards: { hearsFromQuorum: () => true } },
  ],
  ['leadership exists while leading', 'of elections', { actions: { endCampaign: nothing } }],
  ['whoever asks is answered', 'of elections', { actions: { refuseVote: nothing } }],
  ['a pre-vote changes nothing', 'of elections', { actions: { answerPreVote: nothing } }],
  [
    'term, vote and log are what the disk was asked to keep',
    'of elections',
    { actions: { adoptTerm: changing(({ currentTerm }) => ({ currentTerm: currentTerm + 1 })) } },
  ],
  [
    'a promise waits for every write',
    'of elections',
    {
      actions: {
        refuseVote: emit(
          (
            { context: { currentTerm: term, writes } }: { context: ServerState },
            request: RequestVote,
          ) => ({
            type: 'send',
            message: requestVoteResponse({
              from: 'a',
              to: request.from,
              term,
              requestId: request.requestId,
              requestTerm: request.term,
              granted: false,
            }),
            afterWrite: writes.decided - 1,
          }),
        ),
      },
    },
  ],
  [
    'terms never fall',
    'of elections',
    { actions: { adoptTerm: changing(({ currentTerm }) => ({ currentTerm: currentTerm - 1 })) } },
  ],
  [
    'who stops leading says so',
    'of elections',
    { actions: { resign: changing(() => ({ heardLeader: null, leadership: null })) } },
  ],
  ['a leader hears from itself', 'of elections', { actions: { forgetLeader: nothing } }],
  [
    'the leader of a term is known once',
    'of elections',
    { actions: { forgetLeader: changing(() => ({ heardLeader: null, termLeader: null })) } },
  ],
  [
    'whoever is heard from leads the term',
    'of elections',
    { actions: { acceptEntries: changing(() => ({ heardLeader: 'b' })) } },
  ],
  [
    'a second leader of the term is not obeyed',
    'of elections',
    { actions: { assertOneLeader: nothing } },
  ],
  [
    'what is for another server, or in our own name, changes nothing',
    'of elections',
    { guards: { isMisaddressed: () => false } },
  ],
  [
    'a leader commits what a majority has on disk',
    'of entries',
    {
      actions: {
        recordAppendEntriesResponse: changing(({ log }) => ({ commitIndex: log.lastIndex })),
      },
    },
  ],
  [
    'a follower commits what its leader says',
    'of entries',
    { actions: { recordAppliedBatch: changing(({ log }) => ({ commitIndex: log.lastIndex })) } },
  ],
  [
    'what is committed, applied or in a snapshot never falls back',
    'of entries',
    { actions: { recordAppliedBatch: changing(() => ({ commitIndex: 0, lastApplied: 0 })) } },
  ],
];

const found = new Map<string, ReturnType<typeof serverPaths>>();

/** The paths of the machine as it is: each is found once, and a broken one leaves it soon enough. */
function pathsOf(name: string): ReturnType<typeof serverPaths> {
  const walked = SERVER_WALKS[name] ?? expect.fail(`there is no walk ${name}`);
  const known = found.get(name) ?? serverPaths(walked);
  found.set(name, known);
  return known;
}

test.each(broken)('%s', (rule, name, change) => {
  const walking = () =>
    walk<ServerState>({
      machine: serverMachine.provide(change as Provided),
      input: SERVER_WALKS[name]?.input,
      paths: pathsOf(name),
      hardState,
      children: ['replication'],
      check: checkServer,
    });
  expect(walking).toThrow(rule);
});
