/** The log as a value (Figure 2, `log[]`; §5.3, §7). */
import { describe, expect, test, vi } from 'vitest';
import { encodeConfiguration } from '../../machines/rules/configuration.ts';
import { firstBase, Log } from '../../machines/rules/log.ts';
import { DEFAULT_SESSION_SETTINGS, encodeSettings } from '../../machines/rules/sessions.ts';
import { BYTES_OF_ENTRY, clusterOf, entriesOf, entry, logOf, termsIn } from './states.ts';

describe('what a log holds', () => {
  const log = logOf('1 1 2 | 2 3');

  test('begins behind its snapshot and ends at its last entry', () => {
    expect(log).toMatchObject({ firstIndex: 4, lastIndex: 5, lastTerm: 3, lastTime: 50 });
    expect(log.last).toEqual({ index: 5, term: 3 });
    expect(log.base).toMatchObject({ index: 3, term: 2, time: 30 });
  });

  test.each([
    ['compacted', 2, undefined],
    ['the last entry of the snapshot', 3, 2],
    ['in memory', 5, 3],
    ['not there yet', 6, undefined],
  ])('the term of an entry that is %s', (_, index, term) => {
    expect(log.termAt(index)).toBe(term);
  });

  test('before the first entry there is term 0', () => {
    expect(logOf('').last).toEqual({ index: 0, term: 0 });
    expect(logOf('1').holds({ index: 0, term: 0 })).toBe(true);
  });

  test.each([
    ['all of it', 4, 5, [4, 5]],
    ['past its end', 5, 9, [5]],
    ['nothing', 5, 4, []],
    ['nothing, from behind its end', 6, 9, []],
    ['nothing, through a compacted index', 4, 1, []],
  ])('a slice of %s', (_, from, through, indexes) => {
    expect(log.slice(from, through).map(({ index }) => index)).toEqual(indexes);
  });

  test('what is compacted cannot be read', () => {
    expect(() => log.slice(3, 5)).toThrow(/entry 3 is compacted; the log begins at 4/);
  });

  test('entries continue the log, with terms that never fall', () => {
    expect(() => log.append([entry(7, 3)])).toThrow(
      /entry \(7, term 3\) cannot follow \(5, term 3\)/,
    );
    expect(() => log.append([entry(6, 2)])).toThrow(/entry \(6, term 2\) cannot follow/);
    expect(log.append([])).toBe(log);
  });

  test('a snapshot is never truncated, and the end never compacted away', () => {
    expect(() => log.truncateFrom(3)).toThrow(/entry 3 is in the snapshot/);
    expect(() => log.compactThrough(6)).toThrow(/cannot compact through 6: the log ends at 5/);
    expect(log.truncateFrom(6)).toBe(log);
    expect(log.compactThrough(3)).toBe(log);
  });
});

describe('sizes', () => {
  const log = logOf('1 1 | 1 1 1');

  test.each([
    ['two entries', 2, 4, 2],
    ['what is compacted counts nothing', 0, 3, 1],
    ['past the end counts nothing', 4, 9, 1],
    ['nothing', 3, 3, 0],
  ])('%s', (_, after, through, entries) => {
    expect(log.bytesBetween(after, through)).toBe(entries * BYTES_OF_ENTRY);
  });

  test.each([
    ['as many as allowed', 3, 2, 1000, 4],
    ['as many as fit', 3, 9, 2 * BYTES_OF_ENTRY, 4],
    ['at least one, however large', 3, 9, 1, 3],
    ['no further than the end', 4, 9, 1000, 5],
  ])('a batch of %s', (_, from, entriesMax, bytesMax, through) => {
    expect(log.batchThrough(from, entriesMax, bytesMax)).toBe(through);
  });
});

describe('where two logs may still agree (§5.3, the last paragraphs)', () => {
  test.each([
    ['an entry of that very term', '1 1 2 2 3', 4, 2, 4],
    ['terms that are too new are skipped whole', '1 1 3 3 3', 5, 2, 2],
    ['never above the index asked for', '1 1 1 1', 2, 1, 2],
    ['never above the end', '1 1', 9, 4, 2],
    ['no entry at all', '3 3', 2, 2, 0],
    ['never below the snapshot, which is committed', '1 1 | 3 3', 4, 2, 2],
  ])('%s', (_, terms, index, term, expected) => {
    expect(logOf(terms).lastIndexAtMost({ index, term })).toBe(expected);
  });
});

describe('the configuration is the latest in the log, committed or not (§6)', () => {
  const two = clusterOf('a', 'b');
  const bytes = encodeConfiguration(two);
  const log = logOf('1 1').append([{ ...entry(3, 1), type: 'configuration', bytes }, entry(4, 1)]);

  test('used as soon as it is appended, and fallen back from when it is truncated', () => {
    expect(log.configuration).toEqual(two);
    expect(log.configurationAt(2)).toEqual(clusterOf());
    expect(log.truncateFrom(4).configuration).toEqual(two);
    expect(log.truncateFrom(3).configuration).toEqual(clusterOf());
    expect(log.truncateFrom(3).append([entry(3, 2)]).configuration).toEqual(clusterOf());
  });

  test('kept by the base when its entry is compacted', () => {
    expect(log.compactThrough(2).configuration).toEqual(two);
    expect(log.compactThrough(2).base.configuration).toEqual(clusterOf());
    expect(log.compactThrough(3).base.configuration).toEqual(two);
    expect(log.compactThrough(3).truncateFrom(4).configuration).toEqual(two);
  });

  test('and so are the settings, which are as of the base too (thesis §6.3)', () => {
    const settings = { ...DEFAULT_SESSION_SETTINGS, sessionsMax: 7 };
    const change = { ...entry(3, 1), type: 'settings', bytes: encodeSettings(settings) } as const;
    const changed = logOf('1 1').append([change]);
    expect(changed.compactThrough(2).base.settings).toEqual(DEFAULT_SESSION_SETTINGS);
    expect(changed.compactThrough(3).base.settings).toEqual(settings);
  });

  test('of another base: the whole log goes, and its configuration with it (openraft #1808)', () => {
    const base = { ...firstBase(clusterOf('a', 'b', 'c')), index: 2, term: 2, time: 20 };
    expect(log.installBase(base).configuration).toEqual(clusterOf());
  });
});

describe('a snapshot that is installed below the log (Figure 13, steps 6 and 7)', () => {
  const at = (index: number, term: number) => ({ ...firstBase(clusterOf()), index, term, time: 9 });
  test.each([
    ['our entry there has its term: what follows stays', '1 1 2 2', 2, 1, '2 in 1 | 2 2'],
    ['our entry there has another term: all goes', '1 1 1 1', 2, 2, '2 in 2 |'],
    ['our log ends before it: all goes', '1 1', 5, 2, '5 in 2 |'],
  ])('%s', (_, terms, index, term, expected) => {
    expect(termsIn(logOf(terms).installBase(at(index, term)))).toBe(expected);
  });
});

describe('older values stay valid', () => {
  test('two futures of one log do not see each other', () => {
    const log = logOf('1 1');
    const one = log.append(entriesOf('2 2', 3));
    const other = log.append(entriesOf('3', 3));
    const cut = one.truncateFrom(4).append(entriesOf('4', 4));
    expect([log, one, other, cut].map(termsIn)).toEqual(['1 1', '1 1 2 2', '1 1 3', '1 1 2 4']);
  });

  test('an append that fails half way leaves nothing behind', () => {
    const log = logOf('1 1');
    expect(() => log.append([entry(3, 2), entry(5, 2)])).toThrow();
    expect(termsIn(log)).toBe('1 1');
    expect(termsIn(log.append(entriesOf('3', 3)))).toBe('1 1 3');
  });
});

test('appending a batch copies nothing of the log, however long it is', () => {
  const slice = vi.spyOn(Array.prototype, 'slice');
  const copiedBy = (log: Log) => {
    slice.mockClear();
    log.append(entriesOf('9 9 9', log.lastIndex + 1));
    return slice.mock.results.reduce((sum, { value }) => sum + (value as unknown[]).length, 0);
  };
  try {
    const short = Log.from(firstBase(clusterOf()), entriesOf('1'));
    const long = Log.from(
      firstBase(clusterOf()),
      Array.from({ length: 5000 }, (_, at) => entry(at + 1, 1)),
    );
    expect(copiedBy(short)).toBe(0);
    expect(copiedBy(long)).toBe(0);
    // The measure sees copies: the second future of the same log must have its own entries.
    expect(copiedBy(long)).toBeGreaterThanOrEqual(2 * 5000);
  } finally {
    slice.mockRestore();
  }
});
