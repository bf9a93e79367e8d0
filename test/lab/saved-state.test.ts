/** What the course's door has saved is what a restarted server starts from (Figure 2, "State"). */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Persist } from '../../machines/rules/effects.ts';
import type { Entry } from '../../machines/rules/entries.ts';
import { Log } from '../../machines/rules/log.ts';
import { SavedState } from '../../src/lab/saved-state.ts';

const SERVERS = 3;

function entry(index: number, term: number): Entry {
  return { index, term, time: index, type: 'command', bytes: new Uint8Array([index, term]) };
}

/** A write as a server might decide it: how much it cuts off, appends and compacts. */
const arbitraryStep = fc.record({
  cut: fc.nat({ max: 4 }),
  append: fc.nat({ max: 5 }),
  compact: fc.nat({ max: 3 }),
});

describe('what the door saves', () => {
  it('is the log with every truncation, compaction and append so far, and the hard state', () => {
    fc.assert(
      fc.property(fc.array(arbitraryStep, { maxLength: 30 }), (steps) => {
        const saved = SavedState.decode(new Uint8Array(0), SERVERS);
        let log = Log.from(saved.stored.base);
        for (const [i, { cut, append, compact }] of steps.entries()) {
          const term = i + 1;
          const from = Math.max(log.base.index + 1, log.lastIndex + 1 - cut);
          const kept = log.truncateFrom(from);
          const entries = Array.from({ length: append }, (_, at) => entry(from + at, term));
          const compacted = kept.compactThrough(
            Math.min(kept.base.index + compact, kept.lastIndex),
          );
          log = compacted.append(entries);
          const write: Persist = {
            type: 'persist',
            writeId: term,
            term,
            votedFor: i % 2 === 0 ? '1' : null,
            commitIndex: log.base.index,
            truncateFrom: cut > 0 ? from : null,
            entries,
            snapshot: null,
            base: compacted === kept ? null : compacted.base,
          };
          saved.write(write);
          const { stored } = SavedState.decode(saved.encode(), SERVERS);
          expect(stored).toMatchObject({ term, votedFor: write.votedFor });
          expect(stored.commitIndex).toBe(write.commitIndex);
          expect(stored.base).toEqual(log.base);
          expect(stored.entries).toEqual(log.slice(log.base.index + 1, log.lastIndex));
        }
      }),
    );
  });
});
