/** Each scenario played to its end in the page, which must show what the simulation says. */
import { expect, it } from 'vitest';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { playScenario, SCENARIOS } from '../../src/playground/scenarios/index.ts';
import { inPlayground } from './in-playground.ts';
import { ask, expected, isAt, isThere, shown } from './playground-page.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };

inPlayground('a scenario in the playground', (open) => {
  it.each(SCENARIOS)('is told as it happens: $title', async (scenario) => {
    const { recording, captions } = await playScenario(scenario);
    const page = await open('', DESKTOP);
    await isThere(page);
    await page.getByRole('combobox', { name: 'Scenario' }).selectOption(scenario.title);
    const story = page.getByRole('region', { name: 'Scenario' });
    await ask(page, 'statecraft.setSpeed(1)');
    // It stands still where something is said, before its first event too.
    for (const { at, title, text } of captions) {
      await story.getByRole('heading', { name: title, exact: true }).waitFor();
      await isAt(page, at);
      await story.getByText(text, { exact: true }).waitFor();
      expect(await ask(page, 'statecraft.hash()')).toBe(frameHash(recording.frame(at)));
      const { from, servers } = await shown(page);
      expect(servers, `event ${at}: ${title}`).toEqual(expected(recording.frame(at), from));
      if (at !== recording.length) await story.getByRole('button', { name: 'Continue' }).click();
    }
    await story.getByText('The end of the story').waitFor();
  });
});
