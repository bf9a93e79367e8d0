/** When a cluster is ready as a whole: by what its servers say of themselves, in virtual time. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { HEALTH_CHECK_MS, ReadinessMonitor } from '../../src/cli/readiness.ts';
import type { ServerHealth } from '../../src/cli/server-lifetime.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

const LEADS = { isReady: true, isLeader: true, term: 2 };
const FOLLOWS = { isReady: true, isLeader: false, term: 2 };
const WAITS = { isReady: false, isLeader: false, term: 2 };
const START_LOOKS = 150;

let clock: VirtualClock;
let readiness: ReadinessMonitor;
let told: string[];

beforeEach(() => {
  clock = new VirtualClock();
  told = [];
  readiness = new ReadinessMonitor({
    ids: ['a', 'b', 'c'],
    clock,
    onReady: (leader) => told.push(`ready ${leader}`),
    onNotReady: (how) => told.push(how),
  });
});
afterEach(() => readiness.close());

function allReady(): void {
  readiness.record('a', FOLLOWS);
  readiness.record('b', LEADS);
  readiness.record('c', FOLLOWS);
}

/** So many looks, with these saying the same all the time. */
function looks(count: number, ...speaking: readonly string[]): void {
  for (let look = 0; look < count; look += 1) {
    for (const id of speaking) readiness.record(id, id === 'b' ? LEADS : FOLLOWS);
    const until = clock.now() + HEALTH_CHECK_MS;
    while (clock.fireNext(until));
  }
}

describe('a cluster', () => {
  it('is ready when every server is and one of them leads, which is told at once and once', () => {
    readiness.record('a', FOLLOWS);
    readiness.record('b', LEADS);
    expect(told).toEqual([]);
    readiness.record('c', FOLLOWS);
    expect(told).toEqual(['ready b']);
    looks(20, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
  });

  it.each([
    ['one is not', WAITS, LEADS, FOLLOWS],
    ['the leader is not', FOLLOWS, { ...LEADS, isReady: false }, FOLLOWS],
    ['nobody leads', FOLLOWS, FOLLOWS, FOLLOWS],
    ['two say that they lead', LEADS, LEADS, FOLLOWS],
  ])('is not ready when %s', (_, a, b, c) => {
    readiness.record('a', a);
    readiness.record('b', b);
    readiness.record('c', c);
    looks(2);
    expect(told).toEqual([]);
  });

  it('is not ready while a server says nothing for a second, and is again when it speaks', () => {
    allReady();
    looks(4, 'a', 'b');
    expect(told).toEqual(['ready b']);
    looks(1, 'a', 'b');
    const degraded = 'degraded: c does not answer; b leads term 2, writes continue';
    expect(told).toEqual(['ready b', degraded]);
    looks(1, 'a', 'b', 'c');
    expect(told).toEqual(['ready b', degraded, 'ready b']);
  });

  it('is not ready from the moment on in which a process ends', () => {
    allReady();
    readiness.ended('c');
    const degraded = 'degraded: c is down; b leads term 2, writes continue';
    expect(told).toEqual(['ready b', degraded]);
    looks(5, 'a', 'b');
    readiness.record('c', FOLLOWS);
    expect(told).toEqual(['ready b', degraded, 'ready b']);
  });

  it('says by the next look that it is ready no more, and nothing when that was a moment only', () => {
    allReady();
    readiness.record('a', WAITS);
    readiness.record('a', FOLLOWS);
    looks(1, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
    readiness.record('a', WAITS);
    looks(1);
    const degraded = 'degraded: a is not ready; b leads term 2, writes continue';
    expect(told).toEqual(['ready b', degraded]);
  });

  it('tells of another leader', () => {
    allReady();
    readiness.record('b', FOLLOWS);
    readiness.record('c', LEADS);
    looks(1);
    expect(told).toEqual(['ready b', 'ready c']);
  });

  it('is not taken for silent when it was this process that stood still', () => {
    allReady();
    // All timers that were due meanwhile fire as one.
    clock.fireNext(clock.now() + HEALTH_CHECK_MS);
    expect(told).toEqual(['ready b']);
    looks(3, 'a', 'b', 'c');
    expect(told).toEqual(['ready b']);
  });
});

/** Of each what it says now, or null for one whose process has ended. */
function after(...health: readonly (ServerHealth | null)[]): readonly string[] {
  allReady();
  told = [];
  for (const [at, each] of health.entries()) {
    const id = 'abc'[at] ?? '';
    if (each === null) readiness.ended(id);
    else readiness.record(id, each);
  }
  looks(1);
  return told.slice(-1);
}

describe('a cluster that is not ready as a whole', () => {
  it.each<[string, ...(ServerHealth | null)[]]>([
    ['degraded: a is down; c is not ready; b leads term 2, writes continue', null, LEADS, WAITS],
    ['no leader: b is down; a and c elect one, and writes wait', FOLLOWS, null, FOLLOWS],
    ['no leader: a, b and c elect one, and writes wait', WAITS, WAITS, WAITS],
    [
      'no leader: b is down; c leads term 3, and is not ready yet, so writes wait',
      FOLLOWS,
      null,
      { isReady: false, isLeader: true, term: 3 },
    ],
    [
      'no leader: b leads term 2, c leads term 3, and the newer one goes on',
      FOLLOWS,
      LEADS,
      { ...LEADS, term: 3 },
    ],
    [
      'no majority: a and b are down; 1 of 3 servers answers, and nothing is written before 2 do',
      null,
      null,
      LEADS,
    ],
    [
      'no majority: a, b and c are down; 0 of 3 servers answer, and nothing is written before 2 do',
      null,
      null,
      null,
    ],
  ])('says: %s', (sentence, ...health) => {
    expect(after(...health)).toEqual([sentence]);
  });

  it('says once what has not changed, and says the next thing when it has', () => {
    allReady();
    readiness.ended('a');
    looks(20, 'b', 'c');
    readiness.ended('b');
    looks(20, 'c');
    readiness.record('b', FOLLOWS);
    readiness.record('c', { ...LEADS, term: 3 });
    looks(1);
    expect(told.map((how) => how.split(';')[0])).toEqual([
      'ready b',
      'degraded: a is down',
      'no majority: a and b are down',
      'degraded: a is down',
    ]);
  });

  it('says nothing while servers are only starting, and then what is missing', () => {
    readiness.record('a', FOLLOWS);
    readiness.record('b', LEADS);
    looks(START_LOOKS - 1, 'a', 'b');
    expect(told).toEqual([]);
    looks(1, 'a', 'b');
    expect(told).toEqual(['degraded: c is down; b leads term 2, writes continue']);
  });
});
