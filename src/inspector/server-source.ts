/** A server of a cluster as a source of the inspector, and how important each of its events is. */
import { pid } from 'node:process';
import type { InspectionEvent } from 'xstate';
import type { Effect } from '../../machines/rules/effects.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import type { AppendEntriesResponse, Message } from '../../machines/rules/messages.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { feedFact } from '../feed/feed-fact.ts';
import { citationOf, sentenceOf } from '../feed/sentences.ts';
import type { Server } from '../ports/server.ts';
import { isSameState } from './actor-state.ts';
import type { InspectionSource } from './page-connection.ts';
import { type Handled, rootState, type Weigh, type Weighed } from './weight.ts';

export function serverSource(server: Server, version: string): InspectionSource {
  return {
    weigh: weighServer,
    hello() {
      const { id, clusterId, members } = server.status();
      return {
        source: 'server',
        id,
        clusterId,
        members: members.map((member) => ({ id: member.id, clientAddress: member.clientAddress })),
        software: `statecraft ${version}`,
        pid,
      };
    },
    attach({ next, failed }) {
      const { id } = server.status();
      const inspecting = server.inspect$.subscribe((event) => next(inWords(event, id)));
      inspecting.add(server.failed$.subscribe((error) => failed(error.message)));
      return () => inspecting.unsubscribe();
    },
  };
}

/** The fact behind a decision as a sentence, which says more to people than its fields. */
function inWords(event: InspectionEvent, server: ServerId): InspectionEvent {
  if (event.type !== '@xstate.action' || event.action.type !== 'xstate.emit') return event;
  const { event: effect } = event.action.params as { readonly event: Effect };
  if (effect.type !== 'explain') return event;
  const fact = feedFact(server, effect.fact);
  const said = { type: 'explain', why: sentenceOf(fact), section: citationOf(fact) };
  return { ...event, action: { ...event.action, params: { event: said } } };
}

const HEARTBEAT: Weighed = { weight: 'repeat', kind: 'heartbeat' };
const BEAT = 'xstate.after.heartbeatInterval.';
const ASKED_AGAIN: Weighed = { weight: 'repeat', kind: 'asked again' };
const RETRY = 'xstate.after.retryInterval.';

/**
 * Landmarks are changes of role, elections, newer terms, refusals and failures (§5.2, §5.3); a
 * heartbeat that brings nothing new is a repeat, and so is all that it sets off on its way.
 */
export const weighServer: Weigh = (handled) =>
  handled.machine === 'server' ? weighed(handled) : weighedReplication(handled);

function weighed(handled: Handled): Weighed {
  if (handled.event.type.startsWith(RETRY)) return ASKED_AGAIN;
  const kind = landmarkOf(handled);
  if (kind !== null) return { weight: 'landmark', kind };
  return isHeartbeat(handled) ? HEARTBEAT : { weight: 'ordinary', kind: nameOf(handled) };
}

/** A message by its own type: they all come as the same event. */
function nameOf({ event }: Handled): string {
  return messageOf(event)?.type ?? event.type;
}

function messageOf({ type, message }: Handled['event']): Message | null {
  return type === 'rpc.received' ? (message as Message) : null;
}

/** What makes it a landmark, or null. */
function landmarkOf({ event, before, value, contextBefore, context, emitted }: Handled) {
  const [from, to] = [rootState(before), rootState(value)];
  if (from !== to) return `${from} → ${to}`;
  if ((contextBefore as ServerState).currentTerm !== (context as ServerState).currentTerm) {
    return 'newer term';
  }
  const message = messageOf(event);
  const heard = message === null ? OUTSIDE[event.type] : landmarkMessage(message);
  if (heard != null) return heard;
  for (const effect of emitted) {
    const { type, message: sent } = effect as { readonly type: string; readonly message?: Message };
    const said = type === 'send' ? landmarkMessage(sent as Message) : EFFECTS[type];
    if (said != null) return said;
  }
  return null;
}

/** Events from the host that are landmarks. */
const OUTSIDE: Readonly<Record<string, string>> = {
  'connection.lost': 'connection.lost',
  'leadershipTransfer.requested': 'leadershipTransfer.requested',
  'chunk.rejected': 'chunk.rejected',
};

const EFFECTS: Readonly<Record<string, string>> = {
  rejectProposals: 'refused client.proposed',
  rejectReads: 'refused client.queried',
  warn: 'warning',
};

/** Elections and refusals, heard or said. */
function landmarkMessage(message: Message): string | null {
  switch (message.type) {
    case 'PreVote':
    case 'RequestVote':
    case 'TimeoutNow':
      return message.type;
    case 'PreVoteResponse':
    case 'RequestVoteResponse':
      return message.granted ? message.type : `${message.type} (refused)`;
    case 'AppendEntriesResponse':
      return message.success ? null : `${message.type} (refused)`;
    default:
      return null;
  }
}

/** Without entries and without news: asked for, received, or answered. */
function isHeartbeat({ event, before, value, contextBefore, context }: Handled): boolean {
  if (event.type === 'heartbeat.wanted') return true;
  const message = messageOf(event);
  const state = contextBefore as ServerState;
  if (message?.type === 'AppendEntriesResponse') return !raisesMatch(state, message);
  const isEmpty = message?.type === 'AppendEntries' && message.entries.length === 0;
  const isKnown = state.commitIndex === (context as ServerState).commitIndex;
  return isEmpty && isKnown && isSameState(before, value);
}

function raisesMatch({ leadership }: ServerState, response: AppendEntriesResponse): boolean {
  const follower = leadership?.followers.find(({ id }) => id === response.from);
  return follower === undefined || response.matchIndex > follower.matchIndex;
}

/** A replication actor: what its follower refuses, or has lost, is a landmark; a heartbeat is not. */
function weighedReplication(handled: Handled): Weighed {
  const { event, before, value } = handled;
  const { type } = event;
  if (type === 'append.refused' || type === 'acknowledgements.lost') {
    return { weight: 'landmark', kind: type };
  }
  return isBeat(handled) && isSameState(before, value)
    ? HEARTBEAT
    : { weight: 'ordinary', kind: type };
}

function isBeat({ event: { type }, contextBefore, context }: Handled): boolean {
  if (type === 'append.accepted') return matchIndexOf(contextBefore) === matchIndexOf(context);
  return type === 'heartbeat.sent' || type === 'round.begun' || type.startsWith(BEAT);
}

const matchIndexOf = (progress: unknown) => (progress as { matchIndex: number }).matchIndex;
