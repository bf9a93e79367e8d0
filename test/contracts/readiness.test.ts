/** When a cluster is ready as a whole: by what its servers say of themselves, in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { LOOK_MS, Readiness } from '../../src/cli/readiness.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const LEADS = { isReady: true, isLeader: true };
const FOLLOWS = { isReady: true, isLeader: false };
const WAITS = { isReady: false, isLeader: false };

let clock: VirtualClock;
let readiness: Readiness;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  told = [];
  readiness = new Readiness({
    ids: ['a', 'b', 'c'],
    clock,
    onReady: (leader) => told.push(`ready ${leader}`),
    onNotReady: () => told.push('not ready'),
  });
});
afterEach(() => readiness.close());

function allReady(): void {
  readiness.note('a', FOLLOWS);
  readiness.note('b', LEADS);
  readiness.note('c', FOLLOWS);
}

/** So many looks, with these saying the same all the time. */
function looks(count: number, ...speaking: readonly string[]): void {
  for (let look = 0; look < count; look += 1) {
    for (const id of speaking) readiness.note(id, id === 'b' ? LEADS : FOLLOWS);
    const until = clock.now() + LOOK_MS;
    while (clock.fireNext(until));
  }
}

describe('a cluster', () => {
  it('is ready when every server is and one of them leads, which is told at once and once', () => {
    readiness.note('a', FOLLOWS);
    readiness.note('b', LEADS);
    expect(told).toEqual([]);
    readiness.note('c', FOLLOWS);
    expect(told).toEqual(['ready b']);
    looks(20, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
  });

  it.each([
    ['one is not', WAITS, LEADS, FOLLOWS],
    ['the leader is not', FOLLOWS, { isReady: false, isLeader: true }, FOLLOWS],
    ['nobody leads', FOLLOWS, FOLLOWS, FOLLOWS],
    ['two say that they lead', LEADS, LEADS, FOLLOWS],
  ])('is not ready when %s', (_, a, b, c) => {
    readiness.note('a', a);
    readiness.note('b', b);
    readiness.note('c', c);
    looks(2);
    expect(told).toEqual([]);
  });

  it('is not ready while a server says nothing for a second, and is again when it speaks', () => {
    allReady();
    looks(4, 'a', 'b');
    expect(told).toEqual(['ready b']);
    looks(1, 'a', 'b');
    expect(told).toEqual(['ready b', 'not ready']);
    looks(1, 'a', 'b', 'c');
    expect(told).toEqual(['ready b', 'not ready', 'ready b']);
  });

  it('is not ready from the moment on in which a process ends', () => {
    allReady();
    readiness.lost('c');
    expect(told).toEqual(['ready b', 'not ready']);
    looks(5, 'a', 'b');
    readiness.note('c', FOLLOWS);
    expect(told).toEqual(['ready b', 'not ready', 'ready b']);
  });

  it('says by the next look that it is ready no more, and nothing when that was a moment only', () => {
    allReady();
    readiness.note('a', WAITS);
    readiness.note('a', FOLLOWS);
    looks(1, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
    readiness.note('a', WAITS);
    looks(1);
    expect(told).toEqual(['ready b', 'not ready']);
  });

  it('tells of another leader', () => {
    allReady();
    readiness.note('b', FOLLOWS);
    readiness.note('c', LEADS);
    looks(1);
    expect(told).toEqual(['ready b', 'ready c']);
  });

  it('is not taken for silent when it was this process that stood still', () => {
    allReady();
    // All timers that were due meanwhile fire as one.
    clock.fireNext(clock.now() + LOOK_MS);
    expect(told).toEqual(['ready b']);
    looks(3, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
  });
});
