/** What the playground says when one leaves a story, or asks for what cannot be. */
import { expect, it } from 'vitest';
import { inPlayground } from './in-playground.ts';
import { ask, isAt } from './playground-page.ts';

const SMALL = { viewport: { width: 1280, height: 800 } };
const LINK = '#v=1&seed=7&servers=5';

inPlayground('the playground', (open) => {
  it('says that one has left a story that a link opened, and leads back to it', async () => {
    const link = '#v=1&seed=6&servers=5&scenario=first-election&at=20';
    const page = await open(link, SMALL);
    await isAt(page, 20);
    const before = await ask(page, '[statecraft.hash(), statecraft.length()]');
    await page.getByRole('button', { name: 'Crash', exact: true }).click();
    await page
      .getByRole('status')
      .getByText(/events after event 20 are gone/)
      .waitFor();
    const story = page.getByRole('region', { name: 'Scenario' });
    await story.getByRole('heading', { name: 'You have left the story' }).waitFor();
    expect(await story.getByText('The end of the story').count()).toBe(0);
    await story.getByRole('button', { name: 'Back to the story' }).click();
    await isAt(page, 20);
    expect(await ask(page, '[statecraft.hash(), statecraft.length()]')).toEqual(before);
  });

  it('neither cuts nor restores a link between groups, and says why', async () => {
    const page = await open(`${LINK}&at=60`, SMALL);
    await isAt(page, 60);
    await ask(
      page,
      "statecraft.act({ type: 'partition', groups: [['a', 'b'], ['c', 'd'], ['e']] })",
    );
    await page.getByRole('tab', { name: 'Links' }).click();
    await page.getByRole('button', { name: 'a to b: open' }).waitFor();
    const separated = page.getByRole('button', { name: 'a to e: groups separate them' });
    expect(await separated.isDisabled()).toBe(true);
    await ask(page, "statecraft.act({ type: 'restore', from: 'a', to: 'e' })");
    await page
      .getByRole('status')
      .getByText(/groups separate a and e/)
      .waitFor();
    expect(await ask<unknown[]>(page, 'statecraft.script().actions')).toHaveLength(1);
  });

  it('begins no run by a seed that is none, and says so', async () => {
    const page = await open(`${LINK}&at=60`, SMALL);
    await isAt(page, 60);
    await page.getByLabel('Seed').fill('abc');
    await page.getByRole('button', { name: 'New run' }).click();
    await page
      .getByRole('status')
      .getByText(/needs a seed, a whole number .* not “abc”/)
      .waitFor();
    expect(await ask(page, '[statecraft.frame().number, statecraft.script().seed]')).toEqual([
      60, 7,
    ]);
    await page.getByLabel('Seed').fill('42');
    await page.getByRole('button', { name: 'New run' }).click();
    await expect.poll(() => ask(page, 'statecraft.script().seed')).toBe(42);
  });
});
