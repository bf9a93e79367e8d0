import { describe, expect, it } from 'vitest';
import {
  actorEntryAt,
  actorsAt,
  adjacentEntry,
  History,
  lastNumberAt,
} from '../../src/inspector/history.ts';
import type { SequenceItem } from '../../src/inspector/history-entry.ts';
import type { InspectionRecord } from '../../src/inspector/protocol.ts';
import {
  firstOf,
  marksBefore,
  ROW_HEIGHT,
  rowsOf,
  type SequenceRow,
  sequenceAround,
} from '../../src/inspector/sequence.ts';
import { actor, hello, received, transition } from './records.ts';

const append = { type: 'AppendEntries', from: 'a', to: 'b', term: 1, prevLogIndex: 0 };
const answer = { type: 'AppendEntriesResponse', from: 'b', to: 'a', term: 1, requestTerm: 1 };

/** A heartbeat (1) and an entry (2) from a to b, both answered; the second answer is a refusal (3). */
function spoken(): History {
  const story = new History();
  tell(story, 'b', [
    transition(1, { atMs: 10, ...received({ ...append, number: 1, entries: [] }) }),
    transition(2, { atMs: 30, ...received({ ...append, number: 2, entries: [{}] }) }),
  ]);
  tell(story, 'a', [
    transition(1, { atMs: 20, ...received({ ...answer, number: 1, success: true }) }),
    transition(2, { atMs: 40, ...received({ ...answer, number: 2, success: true }) }),
    transition(3, { atMs: 900, ...received({ ...answer, number: 1, success: false }) }),
  ]);
  return story;
}

function tell(story: History, id: string, records: readonly InspectionRecord[]): void {
  const server = story.of(id, 0);
  for (const record of [hello(id), actor('server'), ...records]) server.add(record);
}

const wish = { position: null, showsHeartbeats: true, before: 10, after: 10 };
const times = (facts: readonly SequenceItem[]) => facts.map(({ atMs }) => atMs);

describe('the sequence of messages', () => {
  it('servers are merged by the time of arrival', () => {
    expect(times(sequenceAround(spoken(), wish))).toEqual([10, 20, 30, 40, 900]);
  });

  it('heartbeats and their replies can be left out; refusals stay', () => {
    const shown = sequenceAround(spoken(), { ...wish, showsHeartbeats: false });
    expect(times(shown)).toEqual([30, 40, 900]);
  });

  it('only the last so many are drawn in the present', () => {
    expect(times(sequenceAround(spoken(), { ...wish, before: 2 }))).toEqual([40, 900]);
  });

  it('around a moment: so many before it, so many after it', () => {
    const position = { server: 'b', number: 2, atMs: 30 };
    expect(times(sequenceAround(spoken(), { ...wish, position, before: 2, after: 1 }))).toEqual([
      20, 30, 40,
    ]);
  });

  it('an arrow is drawn no longer than its event is kept', () => {
    const story = spoken();
    const server = story.of('a', 0);
    server.entries.max = 2;
    server.add(transition(4, { atMs: 950 }));
    expect(times(sequenceAround(story, wish))).toEqual([10, 30, 900]);
  });

  it('what a message makes of its receiver stands behind the message', () => {
    const story = new History();
    const vote = { type: 'RequestVoteResponse', from: 'b', to: 'a', term: 2, granted: true };
    const active = ['server', 'server.leader'];
    tell(story, 'a', [transition(1, { ...received(vote), active })]);
    const kinds = sequenceAround(story, wish).map(
      ({ arrival, mark }) => arrival?.kind ?? mark?.kind,
    );
    expect(kinds).toEqual(['RequestVoteResponse', 'leader']);
  });

  it('long silences are gaps', () => {
    const { rows, height } = rowsOf(sequenceAround(spoken(), wish));
    expect(rows.map((row) => (row.kind === 'gap' ? row.lastedMs : firstOf(row).atMs))).toEqual([
      10, 20, 30, 40, 860, 900,
    ]);
    expect(rows.map(({ y }) => y)).toEqual([...rows.map(({ y }) => y)].sort((a, b) => a - b));
    expect(height).toBeGreaterThan(rows.at(-1)?.y ?? 0);
  });
});

describe('what became of servers before all that is drawn', () => {
  const write = received({ ...append, to: 'a', number: 2, entries: [{}] });
  const active = ['server', 'server.leader'];

  /** An election, and then so many writes. */
  function flooded(writes: number): History {
    const story = new History();
    const many = Array.from({ length: writes }, (_, at) =>
      transition(at + 3, { ...write, active }),
    );
    tell(story, 'a', [transition(1, write), transition(2, { active, atMs: 2 }), ...many]);
    return story;
  }

  it('is drawn above it, however much has come since; it says that messages are left out', () => {
    const story = flooded(500);
    const facts = sequenceAround(story, { ...wish, before: 80 });
    const marks = marksBefore(story, facts, wish);
    expect(marks.map(({ mark }) => mark?.text)).toEqual(['leader of term 1']);
    const { rows } = rowsOf(facts, marks);
    expect(rows.slice(0, 3)).toMatchObject([
      { kind: 'happened' },
      { kind: 'gap', isCut: true },
      { kind: 'happened' },
    ]);
    expect(rows.filter((row) => row.kind === 'gap' && row.isCut)).toHaveLength(1);
  });

  it('is not drawn twice, and nothing is said to be left out when nothing is', () => {
    const story = flooded(5);
    const facts = sequenceAround(story, { ...wish, before: 80 });
    expect(marksBefore(story, facts, wish)).toEqual([]);
    expect(rowsOf(facts).rows.some((row) => row.kind === 'gap')).toBe(false);
  });

  it('can be looked at when all around it is gone: what is not kept is not made up', () => {
    const story = flooded(500);
    const server = story.of('a', 0);
    server.entries.max = 10;
    server.add(transition(503, { ...write, active }));
    const position = { server: 'a', number: 2, atMs: 2 };
    expect(actorEntryAt(server, 'server', position)).toMatchObject({ number: 2, active });
    expect(actorsAt(server, position)).toMatchObject([{ name: 'server', active }]);
    expect(actorEntryAt(server, 'server', { ...position, number: 5 })).toBeNull();
  });
});

const dropped = (count: number, atMs: number) => ({ type: 'dropped', count, atMs }) as const;
const beat = received({ ...append, number: 1, entries: [] });

/** Who dropped how many in each row; of a row that is none, when it was. */
function gapsOf(rows: readonly SequenceRow[]): readonly (string | number)[] {
  return rows.map((row) => {
    if (row.kind === 'gap') return row.lastedMs;
    if (row.kind === 'happened') return row.happened.atMs;
    return row.gaps.map((gap) => `${gap.server} ${gap.dropped}`).join(', ');
  });
}

describe('what was dropped, in the sequence of messages', () => {
  it('stands where it is missing', () => {
    const story = new History();
    tell(story, 'b', [
      transition(1, { atMs: 10, ...beat }),
      dropped(40, 20),
      transition(42, { atMs: 30, ...beat }),
    ]);
    expect(gapsOf(rowsOf(sequenceAround(story, wish)).rows)).toEqual([10, 'b 40', 30]);
  });

  it('is one row until something is shown, and that one leads from its first to its last', () => {
    const story = new History();
    tell(story, 'b', [
      transition(1, { atMs: 10, ...beat }),
      dropped(40, 20),
      transition(42, { atMs: 30, ...beat }),
      dropped(2, 40),
      dropped(3, 50),
    ]);
    expect(gapsOf(rowsOf(sequenceAround(story, wish)).rows)).toEqual([10, 'b 40', 30, 'b 5']);
    const { rows } = rowsOf(sequenceAround(story, { ...wish, showsHeartbeats: false }));
    expect(gapsOf(rows)).toEqual(['b 45']);
    expect(rows[0]).toMatchObject({ gaps: [{ atMs: 20, number: 2, last: 5 }] });
  });

  it('is one row of several servers, with nothing shown between', () => {
    const story = new History();
    tell(story, 'a', [dropped(7, 20), transition(8, { atMs: 30, ...beat }), dropped(1, 40)]);
    tell(story, 'b', [dropped(5, 21), dropped(6, 22)]);
    const { rows, height } = rowsOf(sequenceAround(story, wish));
    expect(gapsOf(rows)).toEqual(['a 7, b 11', 30, 'a 1']);
    expect(height).toBe(3 * ROW_HEIGHT);
  });
});

describe('a failure, in the sequence of messages', () => {
  const failed = (name: string | null) => {
    return { type: 'failed', actor: name, message: 'Error: no', atMs: 9 } as const;
  };
  const marks = (story: History) => sequenceAround(story, wish).map(({ mark }) => mark);

  it("of a server's own machine, or as a whole, is the server's", () => {
    for (const name of ['server', null]) {
      const story = new History();
      tell(story, 'a', [failed(name)]);
      expect(marks(story)).toEqual([{ kind: 'failed', of: 'a', text: 'failed: Error: no' }]);
    }
  });

  it('of one of its actors is not', () => {
    const story = new History();
    tell(story, 'a', [actor('server/b', { parent: 'server' }), failed('server/b')]);
    const text = 'its actor server/b failed: Error: no';
    expect(marks(story)).toEqual([{ kind: 'broken', of: 'a', text }]);
  });

  it("of somebody's own actor is its own", () => {
    const story = new History();
    const app = story.of('app', 0);
    app.add(hello('app', 0, 'actors'));
    for (const name of ['app', 'app/child']) {
      app.add(actor(name, { parent: name === 'app' ? null : 'app', machine: '' }));
      app.add(failed(name));
    }
    expect(marks(story)).toEqual([
      { kind: 'failed', of: 'app', text: 'failed: Error: no' },
      { kind: 'failed', of: 'app/child', text: 'failed: Error: no' },
    ]);
  });
});

describe('all servers at one moment', () => {
  it('of the server it is on, the very moment; of others, by the clock', () => {
    const story = spoken();
    const position = { server: 'a', number: 1, atMs: 20 };
    expect(lastNumberAt(story.of('a', 0), position)).toBe(1);
    expect(lastNumberAt(story.of('b', 0), position)).toBe(1);
    expect(lastNumberAt(story.of('b', 0), { ...position, atMs: 30 })).toBe(2);
    expect(lastNumberAt(story.of('b', 0), null)).toBe(2);
  });
});

describe('from moment to moment of an actor', () => {
  const story = new History();
  tell(story, 'a', [transition(1), dropped(7, 2), dropped(1, 3), transition(10), transition(11)]);
  const beside = (from: number, by: 1 | -1) => adjacentEntry(story.of('a', 0), 'server', from, by);

  it('what was dropped in a row is one step, forth and back', () => {
    expect([0, 1, 2, 3, 4, 5].map((from) => beside(from, 1)?.number ?? null)).toEqual([
      ...[1, 3, 3, 4, 5, null],
    ]);
    expect([0, 1, 2, 3, 4, 5].map((from) => beside(from, -1)?.number ?? null)).toEqual([
      ...[null, 0, 1, 1, 3, 4],
    ]);
  });
});
