import { describe, expect, it } from 'vitest';
import { together, wordsOf } from '../../src/inspector/counted-together.ts';
import {
  DROPPED_KINDS_COUNTED,
  DROPPED_KINDS_TOLD,
  DroppedCount,
} from '../../src/inspector/pending-records.ts';

const beats = { actor: 'server', kind: 'heartbeat', count: 200 };
const more = { actor: 'server/b', kind: 'heartbeat', count: 100 };
const puts = { actor: 'server', kind: 'client.proposed', count: 150 };

describe('what is counted together', () => {
  it('is said by its kinds, of all actors, and how many others there were', () => {
    expect(wordsOf(462, [beats, puts, more])).toBe(
      '300 heartbeats, 150 client.proposed, 12 others',
    );
    expect(wordsOf(451, [beats, puts, more])).toMatch(/, 1 other$/);
    expect(wordsOf(1, [{ ...beats, count: 1 }])).toBe('1 heartbeat');
  });

  it('of records from before it was told, nothing is said', () => {
    expect(wordsOf(40, [])).toBe('');
  });

  it('is put together over several records, each actor by itself', () => {
    expect(together([beats, puts], [beats, more])).toEqual([{ ...beats, count: 400 }, puts, more]);
  });
});

describe('a gap', () => {
  it('counts everything, and names the most frequent', () => {
    const gap = new DroppedCount();
    for (let kind = 1; kind <= 20; kind += 1) gap.add('server', `kind ${kind}`, kind);
    expect(gap.count).toBe(210);
    expect(gap.of()).toHaveLength(DROPPED_KINDS_TOLD);
    expect(gap.of()[0]).toEqual({ actor: 'server', kind: 'kind 20', count: 20 });
  });

  it('names no more than so many, whatever comes', () => {
    const gap = new DroppedCount();
    for (let actor = 0; actor < 10_000; actor += 1) gap.add(`actor ${actor}`, 'tick');
    gap.add('actor 0', 'tick', DROPPED_KINDS_COUNTED);
    expect(gap.count).toBe(10_000 + DROPPED_KINDS_COUNTED);
    expect(gap.of()[0]?.count).toBe(DROPPED_KINDS_COUNTED + 1);
  });

  it('joined to another holds what both held', () => {
    const [one, other] = [new DroppedCount(), new DroppedCount()];
    one.add('server', 'heartbeat', 2);
    other.add('server', 'heartbeat', 3);
    other.add('server/b', 'log.extended');
    one.join(other);
    expect([one.count, one.of()]).toEqual([
      6,
      [
        { actor: 'server', kind: 'heartbeat', count: 5 },
        { actor: 'server/b', kind: 'log.extended', count: 1 },
      ],
    ]);
  });
});
