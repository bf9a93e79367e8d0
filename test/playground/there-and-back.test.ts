import { beforeAll, describe, expect, it } from 'vitest';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { Recording } from '../../src/playground/recording.ts';
import type { Script } from '../../src/playground/script.ts';
import { randomActions } from './random-actions.ts';

const EVENTS = 500;
const begin: Script = { seed: 7, servers: 5, scenario: null, actions: [] };
const everything = randomActions(70, 19);

/** Records as a user does: waits, and acts at the present event. */
async function lived(): Promise<{ recording: Recording; hashes: readonly string[] }> {
  const recording = await Recording.start(begin);
  const hashes = [frameHash(recording.last)];
  while (recording.length < EVENTS) {
    const deed = everything.find(({ after }) => after === recording.length);
    if (deed === undefined) await recording.advance();
    else await recording.act(deed.after, deed.action);
    hashes.push(frameHash(recording.last));
  }
  return { recording, hashes };
}

describe('there and back', () => {
  let recording: Recording;
  let hashes: readonly string[];

  beforeAll(async () => {
    ({ recording, hashes } = await lived());
  });

  it('has a run in which something happens', () => {
    expect(recording.script.actions).toEqual(everything.filter(({ after }) => after < EVENTS));
    expect(new Set(hashes).size).toBe(EVENTS + 1);
    expect(recording.timeline.marks.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['election', 'commit', 'crash']),
    );
  });

  it('every event has the same hash on the way back', () => {
    for (let event = EVENTS; event >= 0; event -= 1) {
      expect(frameHash(recording.frame(event)), `event ${event}`).toBe(hashes[event]);
    }
  });

  it('every event has the same hash when the script is played again', async () => {
    const again = await Recording.start(structuredClone(recording.script));
    for (let event = 0; event <= EVENTS; event += 1) {
      await again.advanceTo(event);
      expect(frameHash(again.frame(event)), `event ${event}`).toBe(hashes[event]);
    }
  });

  it('every event has the same hash after history was forked there, and the same was done again', async () => {
    const again = await Recording.start(recording.script);
    await again.advanceTo(EVENTS);
    const forks = recording.script.actions.filter((_, at) => at % 5 === 0).reverse();
    for (const { after, action } of forks) {
      const later = recording.script.actions.filter((deed) => deed.after > after);
      await again.act(after, action);
      for (const deed of later) {
        await again.advanceTo(deed.after);
        await again.act(deed.after, deed.action);
      }
      await again.advanceTo(EVENTS);
      const told = hashes.map((_, event) => frameHash(again.frame(event)));
      expect(told, `forked at ${after}`).toEqual(hashes);
    }
  });
});
