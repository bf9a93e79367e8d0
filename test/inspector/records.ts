/** Records as a server would tell them, with as little said as a test needs. */
import type {
  ActorRecord,
  HelloRecord,
  InspectionRecord,
  Readable,
  TransitionRecord,
} from '../../src/inspector/protocol.ts';
import { ServerHistory } from '../../src/inspector/server-history.ts';

export function hello(id: string, atMs = 0, source: HelloRecord['source'] = 'server'): HelloRecord {
  return {
    type: 'hello',
    format: 'statecraft-inspection',
    version: 1,
    source,
    id,
    clusterId: 'cluster',
    members: [],
    software: 'statecraft 0',
    pid: 1,
    atMs,
  };
}

export function actor(name: string, told: Partial<ActorRecord> = {}): ActorRecord {
  return {
    type: 'actor',
    actor: name,
    parent: null,
    machine: 'server',
    value: 'follower',
    active: ['server', 'server.follower'],
    context: { currentTerm: 1, commitIndex: 0, heardLeader: null },
    atMs: 0,
    ...told,
  };
}

export function transition(number: number, told: Partial<TransitionRecord> = {}): TransitionRecord {
  return {
    type: 'transition',
    number,
    actor: 'server',
    event: { type: 'tick' },
    from: null,
    transitions: [],
    before: 'follower',
    value: 'follower',
    active: ['server', 'server.follower'],
    changes: {},
    emitted: [],
    atMs: number,
    ...told,
  };
}

/** The event by which a message arrives. */
export function received(message: { readonly [field: string]: Readable }) {
  return { event: { type: 'rpc.received', message } };
}

export function told(id: string, records: readonly InspectionRecord[], keptMax?: number) {
  const server = new ServerHistory(id, 0, keptMax === undefined ? {} : { keptMax });
  for (const record of [hello(id), actor('server'), ...records]) server.add(record);
  return server;
}
