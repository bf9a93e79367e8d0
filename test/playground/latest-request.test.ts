import { effect } from '@preact/signals';
import { describe, expect, it } from 'vitest';
import { LatestRequest } from '../../src/playground/page/latest-request.ts';
import type { LoadedRun } from '../../src/playground/page/run.ts';
import type { OnProgress } from '../../src/playground/recording.ts';

const choice = { scenario: null, servers: 3, seed: 1 };
const EVENTS = 5_000;

/** A run that is there when `events` have been told, one each time somebody else may speak. */
function slowly(run: LoadedRun, events: number, told: number[] = []) {
  return async (onProgress: OnProgress) => {
    for (let event = 0; event <= events; event += 100) {
      onProgress(event, events);
      told.push(event);
      await null;
    }
    return run;
  };
}

const run = (at: number) => ({ at }) as LoadedRun;

describe('of runs that are asked for quickly', () => {
  it('the last is had, also when one before it is there first', async () => {
    const requests = new LatestRequest();
    const first = requests.run(choice, slowly(run(1), 100));
    const second = requests.run({ ...choice, seed: 2 }, slowly(run(2), EVENTS));
    expect(requests.choice.value).toMatchObject({ seed: 2 });
    expect([await first, await second]).toEqual([null, run(2)]);
    expect(requests.choice.value).toBeNull();
  });

  it('those before are not played to their end', async () => {
    const told: number[] = [];
    const requests = new LatestRequest();
    const first = requests.run(choice, slowly(run(1), EVENTS, told));
    await requests.run(choice, slowly(run(2), 0));
    expect(await first).toBeNull();
    expect(told.at(-1)).toBeLessThan(EVENTS);
  });

  it('a long one says how far it is, and no longer when it is there', async () => {
    const said: unknown[] = [];
    const requests = new LatestRequest();
    effect(() => void said.push(requests.progress.value));
    await requests.run(choice, slowly(run(1), EVENTS));
    expect(said).toEqual([null, ...[2_000, 4_000].map((events) => ({ events, of: EVENTS })), null]);
    expect(requests.progress.value).toBeNull();
  });

  it('what goes wrong in one is not kept back', async () => {
    const requests = new LatestRequest();
    const broken = requests.run(choice, () => Promise.reject(new TypeError('no such scenario')));
    await expect(broken).rejects.toThrow('no such scenario');
    expect(requests.choice.value).toBeNull();
  });
});
