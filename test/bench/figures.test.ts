/** What is said of repetitions, and that what is measured still runs. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { coreThroughput } from './core.ts';
import { median, percentile, print, repeated } from './figures.ts';

afterEach(() => vi.restoreAllMocks());

describe('of several values', () => {
  it.each([
    [[3], 3],
    [[3, 1, 2], 2],
    [[4, 1, 3, 2], 2.5],
  ])('the median of %j is %d', (values, expected) => {
    expect(median(values)).toBe(expected);
  });

  it.each([
    [0.5, 51],
    [0.99, 100],
    [1, 100],
  ])('the percentile %d of 1 to 100 is %d', (share, expected) => {
    const values = Array.from({ length: 100 }, (_, at) => 100 - at);
    expect(percentile(values, share)).toBe(expected);
  });

  it('none has no median, and no percentile', () => {
    expect([median([]), percentile([], 0.5)]).toEqual([Number.NaN, Number.NaN]);
  });
});

describe('a row', () => {
  const printed = (row: Parameters<typeof print>[0]) => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    print(row);
    return String(write.mock.calls[0]?.[0]).replaceAll(/ {2,}/g, ' | ');
  };

  it('is the median with the range beside it', () => {
    const values = [1_500, 900, 1_200];
    expect(printed({ what: 'puts', unit: 'puts/s', values })).toBe(
      'puts | 1,200 puts/s | 900 – 1,500\n',
    );
  });

  it('of a single value has no range, and may have a note', () => {
    const row = { what: 'heap', unit: 'MiB', values: [1.2345], note: 'ratio 0.60' };
    expect(printed(row)).toBe('heap | 1.23 MiB | ratio 0.60\n');
  });
});

describe('what is repeated', () => {
  it('runs one after the other, as often as it was asked for', async () => {
    let running = 0;
    const seen = await repeated(3, async () => {
      running += 1;
      await Promise.resolve();
      running -= 1;
      return running;
    });
    expect(seen).toEqual([0, 0, 0]);
  });
});

describe('the core in one process', () => {
  it.each([1, 64])('commits what is proposed, %i outstanding', async (outstanding) => {
    expect(await coreThroughput(outstanding, 20)).toBeGreaterThan(0);
  });
});
