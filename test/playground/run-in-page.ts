/** A run of the playground as a bundle can carry it: the hash of each frame of an eventful while. */
import { frameHash } from '../../src/playground/frame-hash.ts';
import { Recording } from '../../src/playground/recording.ts';
import { randomActions } from './random-actions.ts';

const EVENTS = 200;

export async function hashes(): Promise<readonly string[]> {
  const script = { seed: 11, servers: 5, scenario: null, actions: randomActions(40, 7) };
  const recording = await Recording.start(script);
  await recording.advanceTo(EVENTS);
  return Array.from({ length: EVENTS + 1 }, (_, event) => frameHash(recording.frame(event)));
}
