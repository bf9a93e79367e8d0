import { describe, expect, it } from 'vitest';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { fragmentOf, type RunLink, readFragment } from '../../src/playground/link.ts';
import { openRecording, playScenario, SCENARIOS } from '../../src/playground/scenarios/index.ts';

describe('a link to a scenario', () => {
  it.each(SCENARIOS)('$id shows what was told, at every event', async (scenario) => {
    const { recording, script } = await playScenario(scenario);
    const view = { script, at: recording.length, selected: null, speed: null };
    const fragment = fragmentOf(view) as string;
    const { script: read, at } = readFragment(fragment) as RunLink;
    const opened = await openRecording(read);
    await opened.advanceTo(at);
    for (let event = 0; event <= at; event += 1) {
      expect(frameHash(opened.frame(event)), `event ${event}`).toBe(
        frameHash(recording.frame(event)),
      );
    }
    // What nobody reads in an address bar any more would not be a link to send.
    expect(fragment.length).toBeLessThan(2_000);
  });

  it('is needed by its name: another one is refused', async () => {
    const script = { seed: 1, servers: 5, scenario: 'constructor', actions: [] };
    await expect(openRecording(script)).rejects.toThrow('There is no scenario constructor');
  });
});
