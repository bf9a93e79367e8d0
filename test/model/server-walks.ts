/** The walks through the server machine: where each starts, and what its states are told apart by. */
import type { EventObject } from 'xstate';
import type { ServerState } from '../../machines/rules/state.ts';
import { type ServerMachine, serverMachine } from '../../machines/server.ts';
import type { ServerInput } from '../../machines/vocabulary.ts';
import { paths } from '../../src/testing/paths.ts';
import { clusterOf, type Given, serverOf, termsIn } from '../rules/states.ts';
import { alphabet } from './server-alphabet.ts';
import { serverKey, type Theme } from './server-states.ts';

export interface ServerWalk {
  readonly theme: Theme;
  readonly input: ServerInput;
}

/** One entry in the log, and snapshots soon. */
const parameters = { snapshotAfterEntries: 2, trailingEntries: 0 };
const voter: Given = { log: '1', parameters };

/** The same server, which has no vote: it never campaigns (thesis §4.2.1). */
const learner: Given = {
  ...voter,
  configuration: {
    ...clusterOf(),
    servers: clusterOf().servers.map((member) => ({ ...member, votes: member.id !== 'a' })),
  },
};

export const SERVER_WALKS: Readonly<Record<string, ServerWalk>> = {
  'of elections': { theme: 'elections', input: inputOf(voter) },
  'of entries': { theme: 'entries', input: inputOf(voter) },
  'of snapshots': { theme: 'snapshots', input: inputOf(voter) },
  'of a server without a vote': { theme: 'elections', input: inputOf(learner) },
};

function inputOf(given: Given): ServerInput {
  const { id, parameters, currentTerm, votedFor, commitIndex, log, snapshot } = serverOf(given);
  const stored = { votedFor, commitIndex, log, snapshot, lastWriteId: 0 };
  return { id, parameters, stored: { ...stored, term: currentTerm } };
}

/** The events of each path of a walk, after the start. */
export function serverPaths(
  { theme, input }: ServerWalk,
  machine: ServerMachine = serverMachine,
): readonly (readonly EventObject[])[] {
  return paths({
    machine,
    input,
    events: alphabet,
    stateKey: (snapshot) => serverKey(machine, snapshot, theme),
    cover: 'steps',
    limit: 20_000,
  }).map(({ steps }) => steps.slice(1).map(({ event }) => event));
}

/** What must survive, and how far it is committed (Figure 2, persistent state); the log as terms. */
export function hardState({ currentTerm, votedFor, log, commitIndex }: ServerState): unknown {
  return { currentTerm, votedFor, log: termsIn(log), commitIndex };
}
