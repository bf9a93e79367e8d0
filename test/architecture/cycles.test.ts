/** No file imports itself by way of others, not even for types: each can be read after what it needs. */
import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { importsOf, sources } from './source-files.ts';

const known = new Set(sources);

function neighboursOf(file: string): readonly string[] {
  return importsOf(file)
    .filter(({ from }) => from.startsWith('.'))
    .map(({ from }) => normalize(join(dirname(file), from)))
    .filter((path) => known.has(path));
}

/** Sets of files of which each leads to each other one (Tarjan), one line for each set. */
function circles(files: readonly string[], next: (file: string) => readonly string[]): string[] {
  const order = new Map<string, number>();
  const lowest = new Map<string, number>();
  const path: string[] = [];
  const found: string[] = [];
  const visit = (file: string): void => {
    order.set(file, order.size);
    lowest.set(file, order.size - 1);
    path.push(file);
    const lower = (place = 0) => lowest.set(file, Math.min(lowest.get(file) ?? place, place));
    for (const other of next(file)) {
      if (!order.has(other)) {
        visit(other);
        lower(lowest.get(other));
      } else if (path.includes(other)) lower(order.get(other));
    }
    if (lowest.get(file) !== order.get(file)) return;
    const circle = path.splice(path.indexOf(file));
    if (circle.length > 1 || next(file).includes(file)) found.push(circle.sort().join(' '));
  };
  for (const file of files) if (!order.has(file)) visit(file);
  return found.sort();
}

describe('imports', () => {
  it('go in no circle, type imports included', () => {
    expect(circles(sources, neighboursOf)).toEqual([]);
  });

  it('that go in a circle would be found', () => {
    const graph: Readonly<Record<string, readonly string[]>> = {
      a: ['b', 'c'],
      b: ['c'],
      c: ['d'],
      d: ['b'],
      e: ['e', 'a'],
    };
    expect(circles(Object.keys(graph), (file) => graph[file] ?? [])).toEqual(['b c d', 'e']);
  });
});
