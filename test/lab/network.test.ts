/** The course's network loses, delays and cuts as often and as long as the course's does. */
import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../src/simulation/random.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { LabNetwork } from './network.ts';
import { VirtualTime } from './virtual-time.ts';

const REQUEST = new Uint8Array(100);
const REPLY = new Uint8Array(10);
const CALLS = 5_000;
/** Two replies in three; 200 ms, and half of half of 2 s. */
const LATE_MEAN_MS = (2 / 3) * (200 + 2_000 / 4);

function laboratory(seed: number) {
  const clock = new VirtualClock();
  const time = new VirtualTime(clock);
  const network = new LabNetwork({ clock, random: new SeededRandom(seed) });
  let handled = 0;
  network.addServer('b', async () => {
    handled += 1;
    return REPLY;
  });
  network.enable('a', 'b', true);
  return { time, network, handled: () => handled };
}

/** All at one instant: how many were answered, and how long each took. */
async function callMany({ time, network }: ReturnType<typeof laboratory>, to = 'b') {
  let answered = 0;
  const tookMs: number[] = [];
  const calls = Array.from({ length: CALLS }, async () => {
    const reply = await network.call('a', to, REQUEST);
    if (reply !== undefined) answered += 1;
    tookMs.push(time.now());
  });
  await time.settle(Promise.all(calls));
  const mean = tookMs.reduce((sum, took) => sum + took, 0) / CALLS;
  return { answered, mean, min: Math.min(...tookMs), max: Math.max(...tookMs) };
}

describe('the network of the course', () => {
  it('delivers everything within two hops when it is reliable, and counts it', async () => {
    const lab = laboratory(1);
    const { answered, min, max } = await callMany(lab);
    expect(answered).toBe(CALLS);
    expect(min).toBeGreaterThanOrEqual(1);
    expect(max).toBeLessThan(2);
    expect(lab.network.callsTotal).toBe(CALLS);
    expect(lab.network.arrivedAt('b')).toBe(CALLS);
    expect(lab.network.bytesTotal).toBe(CALLS * (REQUEST.byteLength + REPLY.byteLength));
  });

  it('loses a tenth of the requests and a tenth of the replies when it is unreliable', async () => {
    const lab = laboratory(2);
    lab.network.isReliable = false;
    const { answered, max } = await callMany(lab);
    expect(lab.handled() / CALLS).toBeCloseTo(0.9, 1);
    expect(answered / CALLS).toBeCloseTo(0.81, 1);
    expect(lab.handled()).toBeGreaterThan(answered);
    expect(max).toBeGreaterThan(25);
    expect(max).toBeLessThan(27);
  });

  it('delays two replies in three by 0.2 to 2.2 s under long reordering', async () => {
    const lab = laboratory(3);
    lab.network.isLongReordering = true;
    const { answered, mean, max } = await callMany(lab);
    expect(answered).toBe(CALLS);
    expect(mean / LATE_MEAN_MS).toBeCloseTo(1, 1);
    expect(max).toBeGreaterThan(2_000);
    expect(max).toBeLessThan(2_201);
  });

  it('lets a call to nobody fail after up to 7 s, or up to 100 ms without long delays', async () => {
    for (const [hasLongDelays, end] of [
      [true, 7_000],
      [false, 100],
    ] as const) {
      const lab = laboratory(4);
      lab.network.hasLongDelays = hasLongDelays;
      const { answered, mean, max } = await callMany(lab, 'nobody');
      expect(answered).toBe(0);
      expect(mean / (end / 2)).toBeCloseTo(1, 1);
      expect(max).toBeLessThan(end);
      expect(max).toBeGreaterThan(end * 0.95);
    }
  });

  it('suppresses the reply when its end was cut, or its server replaced, meanwhile', async () => {
    for (const meanwhile of ['nothing', 'cut', 'replaced', 'deleted'] as const) {
      const { time, network } = laboratory(5);
      const answers: ((reply: Uint8Array) => void)[] = [];
      network.addServer('b', () => new Promise((resolve) => answers.push(resolve)));
      const reply = network.call('a', 'b', REQUEST);
      await time.run(10);
      if (meanwhile === 'cut') network.enable('a', 'b', false);
      if (meanwhile === 'replaced') network.addServer('b', async () => REPLY);
      if (meanwhile === 'deleted') network.deleteServer('b');
      answers[0]?.(REPLY);
      expect((await time.settle(reply)) !== undefined).toBe(meanwhile === 'nothing');
    }
  });

  it('gives up within 100 ms on a server that is gone and never answers', async () => {
    const { time, network } = laboratory(6);
    network.addServer('b', () => new Promise(() => {}));
    const reply = network.call('a', 'b', REQUEST);
    await time.run(250);
    network.deleteServer('b');
    const before = time.now();
    expect(await time.settle(reply)).toBeUndefined();
    expect(time.now() - before).toBeLessThanOrEqual(100);
  });
});
