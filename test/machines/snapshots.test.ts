/** Snapshots that somebody asks for (§7): any role takes one, when there is something new in it. */
import { describe, expect, test } from 'vitest';
import { appendEntries } from '../rules/messages.ts';
import { pointerOf, termsIn } from '../rules/states.ts';
import { elected, hears, preCandidate, type Step, start, takes } from './steps.ts';

const given = { log: '1 1 1', commitIndex: 3, parameters: { trailingEntries: 1 } } as const;

const applied = (step: Step) => takes(step, { type: 'entries.applied', index: 3 });
const wanted = (step: Step) => takes(step, { type: 'snapshot.wanted' });

/** Each has applied its three entries, far fewer than ask for a snapshot by themselves. */
const servers: Readonly<Record<string, Step>> = {
  'a follower': applied(start(given)),
  'a candidate': applied(preCandidate(given)),
  'a leader': applied(elected(given)),
};

describe.each(Object.entries(servers))('%s that is asked for a snapshot', (_, server) => {
  test('takes one, and stays what it is', () => {
    const taking = wanted(server);
    expect(taking.effects).toEqual([{ type: 'takeSnapshot' }]);
    expect(taking.value).toBe(server.value);
    expect(taking.armed).toEqual([]);
    const taken = takes(taking, { type: 'snapshot.taken', snapshot: pointerOf(3, 1) });
    expect(taken.context.snapshot).toMatchObject({ index: 3, term: 1 });
    expect(termsIn(taken.context.log)).toMatch(/^2 in 1 \| 1/);
  });

  test('takes one at a time', () => {
    expect(wanted(wanted(server)).effects).toEqual([]);
  });

  test('takes none when nothing was applied since the last', () => {
    const taken = takes(wanted(server), { type: 'snapshot.taken', snapshot: pointerOf(3, 1) });
    const again = wanted(taken);
    expect(again.effects).toEqual([]);
    expect(again.context).toBe(taken.context);
  });
});

test('a server that has applied nothing has nothing to take a snapshot of', () => {
  const fresh = start({ log: '1' });
  expect(wanted(fresh).context).toBe(fresh.context);
  expect(wanted(fresh).effects).toEqual([]);
});

test('none is taken while a received snapshot replaces the state (Figure 13)', () => {
  const snapshot = pointerOf(9, 1, 'theirs');
  const follower = hears(servers['a follower'] ?? expect.fail(), appendEntries({ term: 1 }));
  const restoring = takes(
    hears(follower, {
      type: 'InstallSnapshot',
      from: 'b',
      to: 'a',
      requestId: 8,
      term: 1,
      snapshot,
      offset: 0,
      bytes: new Uint8Array(snapshot.sizeBytes),
      isLast: true,
    }),
    { type: 'chunk.stored', snapshotId: 'theirs', requestId: 8, nextOffset: 1000, snapshot },
  );
  expect(restoring.effects.map(({ type }) => type)).toContain('restore');
  expect(wanted(restoring).effects).toEqual([]);
  const restored = takes(restoring, { type: 'entries.applied', index: 9 });
  expect(wanted(restored).effects).toEqual([]);
});
