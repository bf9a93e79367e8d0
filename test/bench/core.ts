/** (a) The core alone: three servers in one process, storage and wire in memory. */
import { Subject } from 'rxjs';
import { bootstrapConfiguration } from '../../machines/rules/configuration.ts';
import type { ServerId } from '../../machines/rules/entries.ts';
import { firstBase } from '../../machines/rules/log.ts';
import type { Message } from '../../machines/rules/messages.ts';
import { DEFAULT_PARAMETERS, type Parameters } from '../../machines/rules/parameters.ts';
import { startHost } from '../../src/host/host.ts';
import type { Server } from '../../src/ports/server.ts';
import type { Storage, Stored } from '../../src/ports/storage.ts';
import type { ConnectionChange, Transport } from '../../src/ports/transport.ts';

/** A storage that remembers nothing and is durable at once: what remains is the core. */
export function forgetfulStorage(): Storage {
  const chunks = new Map<string, Uint8Array[]>();
  return {
    load: async () => null,
    initialise: async (_, base): Promise<Stored> => ({
      storageId: 'memory',
      lastWriteId: 0,
      term: 0,
      votedFor: null,
      commitIndex: 0,
      base,
      entries: [],
      snapshot: null,
      warnings: [],
    }),
    write: async (batch) => {
      for (const id of chunks.keys())
        if (batch.snapshot !== null && id !== batch.snapshot.id) chunks.delete(id);
    },
    writeChunk: async (id, offset, bytes) => {
      if (offset === 0) chunks.set(id, []);
      chunks.get(id)?.push(bytes);
    },
    openSnapshot: async (id) => {
      const whole = Buffer.concat(chunks.get(id) ?? []);
      return {
        sizeBytes: whole.length,
        read: async (offset, lengthMax) => whole.subarray(offset, offset + lengthMax),
        close: async () => undefined,
      };
    },
    discardSnapshot: async (id) => void chunks.delete(id),
    close: async () => undefined,
  };
}

/** Messages change hands as they are, one turn of the event loop later. */
export function handToHand(): (id: ServerId) => Transport {
  const inboxes = new Map<ServerId, Subject<Message>>();
  let waiting: Message[] = [];
  const deliver = () => {
    const messages = waiting;
    waiting = [];
    for (const message of messages) inboxes.get(message.to)?.next(message);
  };
  return (id) => {
    const received$ = new Subject<Message>();
    inboxes.set(id, received$);
    return {
      received$,
      connections$: new Subject<ConnectionChange>(),
      open: async () => undefined,
      send: (message) => {
        if (waiting.push(message) === 1) setImmediate(deliver);
      },
      close: async () => void inboxes.delete(id),
    };
  };
}

export const realClock = {
  now: () => performance.now(),
  setTimeout: (callback: () => void, delayMs: number) => setTimeout(callback, delayMs),
  clearTimeout: (id: NodeJS.Timeout) => clearTimeout(id),
};

/** Counts what it applies; commands are bytes already. */
const counter = () => {
  let count = 0;
  const bytes = { encode: (value: Uint8Array) => value, decode: (value: Uint8Array) => value };
  return {
    apply: (_: Uint8Array) => (count += 1),
    query: () => count,
    snapshot: () => [new TextEncoder().encode(String(count))],
    restore: async (chunks: AsyncIterable<Uint8Array>) => {
      for await (const chunk of chunks) count = Number(new TextDecoder().decode(chunk));
    },
    commands: bytes,
  };
};

export async function coreCluster(parameters: Partial<Parameters> = {}) {
  const transportOf = handToHand();
  const ids = ['a', 'b', 'c'];
  const configuration = bootstrapConfiguration({ a: '', b: '', c: '' });
  const servers: Server<Uint8Array, number, null, number>[] = await Promise.all(
    ids.map((id) =>
      startHost<Uint8Array, number, null, number>({
        id,
        clusterId: 'core',
        base: firstBase(configuration),
        storage: forgetfulStorage(),
        transport: transportOf(id),
        clock: realClock,
        random: { next: Math.random },
        stateMachine: counter,
        parameters: { ...DEFAULT_PARAMETERS, ...parameters },
      }),
    ),
  );
  while (!servers.some((server) => server.status().isReady)) {
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const leader = servers.find((server) => server.status().isReady) as (typeof servers)[number];
  return { servers, leader, stop: () => Promise.all(servers.map((server) => server.stop())) };
}

/** Proposals per second with so many outstanding, over `durationMs`. */
export async function coreThroughput(outstanding: number, durationMs: number): Promise<number> {
  const { leader, stop } = await coreCluster();
  const command = new Uint8Array(256);
  const until = performance.now() + durationMs;
  let done = 0;
  const started = performance.now();
  await Promise.all(
    Array.from({ length: outstanding }, async () => {
      while (performance.now() < until) {
        const { outcome } = await leader.propose(command);
        if (outcome !== 'applied') throw new Error(`A proposal was ${outcome}`);
        done += 1;
      }
    }),
  );
  const perSecond = done / ((performance.now() - started) / 1000);
  await stop();
  return perSecond;
}
