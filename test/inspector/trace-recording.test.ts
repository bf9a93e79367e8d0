import { describe, expect, it } from 'vitest';
import { historyOfTrace } from '../../src/inspector/history.ts';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import { readTrace } from '../../src/inspector/trace.ts';
import { TraceRecording } from '../../src/inspector/trace-recording.ts';
import { actor, hello, told, transition } from './records.ts';

const LIMITS = { charactersMax: 1_000_000, linesMax: 1_000, lineLengthMax: 10_000 };

function reopened(recording: TraceRecording) {
  return historyOfTrace(readTrace(recording.parts.join('')));
}

describe('a recording', () => {
  it('begins with everybody who is there, as they stand', () => {
    const server = told('a', [
      transition(1, { changes: { currentTerm: 4 } }),
      actor('server/b', { parent: 'server', machine: 'replication', context: { next: 3 } }),
      actor('server/c', { parent: 'server', machine: 'replication' }),
      { type: 'stopped', actor: 'server/c', status: 'stopped', output: null, atMs: 3 },
    ]);
    const again = reopened(new TraceRecording([server], 500)).get('a');
    expect(again?.actors.all()).toEqual([
      server.actors.get('server'),
      server.actors.get('server/b'),
    ]);
    expect(again?.reach.state).toBe('file');
    expect(again?.entries.last?.summary).toMatchObject({ term: 4, role: 'follower' });
  });

  it('goes on with what is told, and nothing seems to be missing before it', () => {
    const server = told('a', [transition(1), transition(2)]);
    const recording = new TraceRecording([server], 500);
    recording.add('a', JSON.stringify(transition(3)));
    recording.add('a', JSON.stringify({ type: 'dropped', count: 2, atMs: 4 }));
    recording.add('a', JSON.stringify(transition(6)));
    const again = reopened(recording).get('a');
    expect([again?.transitions, again?.dropped]).toEqual([2, 2]);
  });

  it('knows that a server was lost, and that it came back', () => {
    const server = told('a', []);
    const recording = new TraceRecording([server], 500);
    recording.addLoss('a', 600, '');
    const lost = reopened(recording).get('a');
    expect(lost?.reach).toEqual({ state: 'lost', sinceMs: 600, why: 'its socket was lost' });
    for (const record of [hello('a', 700), actor('server')]) {
      recording.add('a', JSON.stringify(record));
    }
    const again = reopened(recording).get('a');
    expect(again?.reach.state).toBe('file');
    const losses = [...Array(again?.entries.total ?? 0).keys()].map(
      (number) => again?.entries.at(number)?.summary.lostAtMs,
    );
    expect(losses).toEqual([null, 600, null, null]);
  });

  it('a server that is lost when it begins tells nothing until it is back', () => {
    const server = told('a', []);
    server.lose(9, '');
    expect(new TraceRecording([server], 500).count).toBe(0);
  });

  const tick = JSON.stringify(transition(1) satisfies InspectionRecord);

  it('ends when it has as many records as can be opened again, and says so', () => {
    const recording = new TraceRecording([], 0, { ...LIMITS, linesMax: 3 });
    for (let more = 0; more < 5; more += 1) recording.add('a', tick);
    expect([recording.count, recording.isFull]).toEqual([3, true]);
  });

  it('ends before it is larger than what can be opened again', () => {
    const recording = new TraceRecording([], 0, { ...LIMITS, charactersMax: 1_000 });
    for (let more = 0; more < 9; more += 1) recording.add('a', tick);
    expect(recording.isFull).toBe(true);
    expect(recording.characters).toBe(recording.parts.join('').length);
    expect(recording.characters).toBeLessThanOrEqual(1_000);
    expect(recording.count).toBeGreaterThan(0);
  });
});
