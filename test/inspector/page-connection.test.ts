/** A page that reads slowly, or not at all: with a socket and a clock in the test's hands. */
import { EventEmitter } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { WebSocket } from 'ws';
import { type Actor, createActor, createMachine } from 'xstate';
import { ActorsSource } from '../../src/inspector/actors-source.ts';
import { DEFAULT_PAGE_LIMITS, PageConnection } from '../../src/inspector/page-connection.ts';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import { brief } from './recorded.ts';

const light = createMachine({
  id: 'light',
  initial: 'green',
  states: { green: { on: { go: 'red' } }, red: { on: { go: 'green' } } },
});

/** Of which it is said how much waits in it. */
class Wire extends EventEmitter {
  readonly OPEN = 1;
  readonly readyState = 1;
  bufferedAmount = 0;
  readonly records: InspectionRecord[] = [];
  closed: { readonly code: number; readonly reason: string } | null = null;

  send(text: string): void {
    for (const line of text.split('\n')) this.records.push(JSON.parse(line));
  }

  close(code: number, reason: string): void {
    this.closed ??= { code, reason };
  }
}

let wire: Wire;
let actor: Actor<typeof light>;

function connect(limits = DEFAULT_PAGE_LIMITS): void {
  const source = new ActorsSource({ name: 'test', software: 'statecraft 9.9.9', address: '' });
  actor = createActor(light, { inspect: source.inspect, id: 'light' }).start();
  new PageConnection(wire as unknown as WebSocket, source, limits);
}

/** What was sent since the last time. */
function sent(): readonly string[] {
  vi.advanceTimersByTime(DEFAULT_PAGE_LIMITS.flushMs);
  return wire.records.splice(0).map(brief);
}

function work(times: number): void {
  for (let time = 0; time < times; time += 1) actor.send({ type: 'unheard' } as never);
}

beforeEach(() => {
  vi.useFakeTimers();
  wire = new Wire();
});

afterEach(() => {
  actor.stop();
  wire.emit('close');
  vi.useRealTimers();
});

describe('a page that is behind', () => {
  it('is told nothing until it reads again: then every landmark, and how much else', () => {
    connect();
    expect(sent()).toEqual(['hello', 'light is there']);
    wire.bufferedAmount = DEFAULT_PAGE_LIMITS.behindBytes + 1;
    expect(sent()).toEqual([]);
    work(25);
    actor.send({ type: 'go' });
    expect(sent()).toEqual([]);
    work(30);
    expect(sent()).toEqual([]);
    wire.bufferedAmount = 0;
    expect(sent()).toEqual([...['25 dropped', 'light: go', '30 dropped', 'light stands at "red"']]);
    expect(wire.closed).toBeNull();
  });

  it.each([
    ['records', { waitingRecordsMax: 20 }],
    ['characters', { waitingCharactersMax: 2_000 }],
  ])('with too many %s that must not be dropped is sent away, not lied to', (_, bound) => {
    connect({ ...DEFAULT_PAGE_LIMITS, ...bound });
    wire.bufferedAmount = DEFAULT_PAGE_LIMITS.behindBytes + 1;
    sent();
    for (let turn = 0; turn < 25; turn += 1) {
      actor.send({ type: 'go' });
      work(1);
    }
    expect(sent()).toEqual([]);
    expect(wire.closed).toEqual({
      code: 1008,
      reason: 'this page does not read what it is sent; reload it',
    });
  });

  it('is kept however much of the rest there is', () => {
    connect();
    wire.bufferedAmount = DEFAULT_PAGE_LIMITS.behindBytes + 1;
    sent();
    work(100_000);
    sent();
    expect(wire.closed).toBeNull();
  });
});
