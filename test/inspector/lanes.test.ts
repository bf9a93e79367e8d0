import { describe, expect, it } from 'vitest';
import { History } from '../../src/inspector/history.ts';
import { LANES_MAX, lanesOf, sequenceAround } from '../../src/inspector/sequence.ts';
import { actor, hello, transition } from './records.ts';

const wish = { position: null, showsHeartbeats: true, before: 80, after: 0 };

/** A parent that hears once of each of so many children, and twice of the last one. */
function heard(children: number): History {
  const story = new History();
  const app = story.of('app', 0);
  app.add(hello('app', 0, 'actors'));
  app.add(actor('app', { machine: 'app' }));
  for (let child = 1; child <= children; child += 1) {
    const name = `app/child-${child}`;
    app.add(actor(name, { parent: 'app', machine: '' }));
    app.add(transition(child, { actor: 'app', from: name }));
    app.add({ type: 'stopped', actor: name, status: 'done', output: null, atMs: child });
  }
  app.add(transition(children + 1, { actor: 'app', from: `app/child-${children}` }));
  return story;
}

describe('the lanes of the sequence', () => {
  it('are of actors with messages among the rows that are shown', () => {
    const story = heard(100);
    const lanes = lanesOf(story, sequenceAround(story, { ...wish, before: 3 }));
    expect(lanes.map(({ label }) => label)).toEqual(['app', 'child-100', 'child-99']);
  });

  it('are few: the busiest have their own, and the others share one', () => {
    const story = heard(100);
    const lanes = lanesOf(story, sequenceAround(story, wish));
    expect(lanes).toHaveLength(LANES_MAX + 1);
    expect(lanes.slice(0, LANES_MAX).flatMap(({ names }) => names)).toContain('app/child-100');
    expect(lanes.at(-1)?.label).toBe('+72');
    expect(new Set(lanes.flatMap(({ names }) => names)).size).toBe(80);
  });

  it('are of every server, also of one that has said nothing', () => {
    const story = new History();
    for (const id of ['b', 'a']) story.of(id, 0).add(hello(id));
    expect(lanesOf(story, []).map(({ names }) => names)).toEqual([['a'], ['b']]);
  });

  it('are of an actor that has failed, though it has said nothing', () => {
    const story = heard(1);
    const app = story.of('app', 0);
    app.add(actor('app/lone', { parent: 'app', machine: '' }));
    app.add({ type: 'failed', actor: 'app/lone', message: 'Error: no', atMs: 9 });
    app.lose(10, 'over');
    const lanes = lanesOf(story, sequenceAround(story, wish));
    expect(lanes.flatMap(({ names }) => names)).toEqual(['app', 'app/child-1', 'app/lone']);
  });
});
