/** The playground in one's hands: by keyboard alone, and with texts that would like to be more. */
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import type { Script } from '../../src/playground/script.ts';
import { inPlayground } from './in-playground.ts';
import { ask, isAt } from './playground-page.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };
const LINK = '#v=1&seed=7&servers=5';
const TABS_MAX = 80;

/** From element to element, as long as it takes. */
async function tabTo(page: Page, words: string): Promise<void> {
  for (let tabs = 0; tabs < TABS_MAX; tabs += 1) {
    const focused = await ask<string>(page, "document.activeElement?.textContent ?? ''");
    if (focused.trim() === words) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${TABS_MAX} times Tab did not lead to “${words}”`);
}

inPlayground('the playground', (open) => {
  it('can be used by keyboard alone', async () => {
    const page = await open(`${LINK}&at=0`, DESKTOP);
    const { keyboard } = page;
    await isAt(page, 0);
    await ask(page, 'statecraft.setSpeed(1)');
    await keyboard.press('Space');
    await page.locator('.situation', { hasText: /^\w leads term \d+/ }).waitFor();
    await keyboard.press('Space');
    await page.getByRole('button', { name: 'Play', exact: true }).waitFor();
    const at = await ask<number>(page, 'statecraft.frame().number');
    await keyboard.press('ArrowRight');
    await isAt(page, at + 1);
    await keyboard.press('ArrowLeft');
    await isAt(page, at);

    await keyboard.press('3');
    await page.getByRole('heading', { name: /^Server c/ }).waitFor();
    await keyboard.press('c');
    await page.getByRole('button', { name: /^Server c: down/ }).waitFor();
    await keyboard.press('r');
    await keyboard.press('Space');
    await page.getByRole('button', { name: /^Server c: follower/ }).waitFor();
    await keyboard.press('Space');

    await keyboard.press('w');
    await keyboard.type('colour');
    await keyboard.press('Tab');
    await keyboard.press('ControlOrMeta+a');
    await keyboard.type('blue');
    await keyboard.press('Enter');
    const calls = page.getByRole('list', { name: 'Calls, newest first' });
    await calls.getByText(/^put colour = blue at/).waitFor();
    await tabTo(page, 'Play');
    await keyboard.press('Enter');
    await calls.getByText(/^✓/).waitFor();

    await keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    await keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'hidden' });
    await expect.poll(() => ask(page, 'document.activeElement.textContent')).toBe('Pause');
  });

  it('takes keys that come before the next picture', async () => {
    const page = await open(`${LINK}&at=40`, { viewport: { width: 1000, height: 800 } });
    await isAt(page, 40);
    const [focused, script] = await ask<[string, Script]>(
      page,
      `{
        const press = (key) =>
          document.activeElement.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
        for (const key of ['3', 'c', 'c', '2', 's']) { press(key); await null; }
        press('w');
        await null;
        const { ariaLabel } = document.activeElement;
        return statecraft.step(0).then(() => [ariaLabel, statecraft.script()]);
      }`,
    );
    expect(focused).toBe('Key');
    expect(script.actions).toEqual([
      { after: 40, action: { type: 'crash', server: 'c' } },
      { after: 41, action: { type: 'stop', server: 'b' } },
    ]);
  });

  it('does what keys say one after the other, however quickly they come', async () => {
    const page = await open(`${LINK}&at=40`, DESKTOP);
    await isAt(page, 40);
    await ask(
      page,
      `{
        for (const key of ['ArrowRight', 'ArrowRight', 'Home', 'c', 'u']) {
          document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
          await null;
        }
        await statecraft.step(0);
      }`,
    );
    const place = '[statecraft.frame().number, statecraft.length(), statecraft.script().actions]';
    await expect.poll(() => ask(page, place)).toEqual([0, 42, []]);
    expect(await page.getByText('There is no fork').count()).toBe(0);
  });

  it('walks through the feed by arrows, and sizes the statechart by a key', async () => {
    const page = await open(`${LINK}&at=150`, DESKTOP);
    await isAt(page, 150);
    const { keyboard } = page;
    const lines = page.getByRole('list', { name: 'Events, newest first' }).getByRole('button');
    const inFocus = () =>
      lines.evaluateAll((all) => all.indexOf(all[0].ownerDocument.activeElement));
    await tabTo(page, ((await lines.first().textContent()) ?? '').trim());
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowUp');
    expect(await inFocus()).toBe(1);
    const event = Number(/event (\d+)/.exec((await lines.nth(1).getAttribute('title')) ?? '')?.[1]);
    await keyboard.press('Shift+Tab');
    await keyboard.press('Tab');
    expect(await inFocus(), 'the list is one stop of Tab').toBe(1);
    await keyboard.press('Enter');
    await isAt(page, event);

    const sizes = page.getByRole('group', { name: 'Size of the chart' });
    for (const name of ['Fit', 'Width', '100 %']) {
      await keyboard.press('z');
      await sizes.getByRole('button', { name, pressed: true }).waitFor();
    }
    const chart = page.getByRole('region', { name: /^Statechart of server/ }).locator('svg');
    const natural = (await chart.getAttribute('viewBox'))?.split(' ')[2];
    expect((await chart.boundingBox())?.width).toBeCloseTo(Number(natural), 0);
    await keyboard.press('z');
    await expect.poll(() => sizes.getByRole('button', { pressed: true }).count()).toBe(0);
  });

  it('reads the entries of the logs by arrows and by clicks, and time stands still', async () => {
    const page = await open(`${LINK}&at=300`, DESKTOP);
    await isAt(page, 300);
    const { keyboard } = page;
    const logs = page.getByRole('region', { name: 'Logs' });
    const cells = logs.getByRole('gridcell');
    const chosen = logs.getByRole('gridcell', { selected: true });
    expect(await logs.locator('td[tabindex="0"]').count(), 'one stop of Tab').toBe(1);
    await logs.getByRole('button').first().focus();
    await keyboard.press('Tab');
    await logs
      .getByText(/^Entry 1 of a, term 1, committed, applied, the leader's matchIndex for it: /)
      .waitFor();
    await keyboard.press('ArrowDown');
    await logs.getByText(/^Entry 1 of b, .*/).waitFor();
    await keyboard.press('ArrowRight');
    await keyboard.press('ArrowRight');
    await logs.getByText('b has no entry 3').waitFor();
    for (const key of ['Home', 'ArrowLeft', 'ArrowUp', 'ArrowUp', 'End']) await keyboard.press(key);
    await logs.getByText(/^Entry 1 of a, .*/).waitFor();
    await cells.filter({ hasText: '1' }).nth(2).click();
    await logs.getByText(/^Entry 1 of c, .*/).waitFor();
    await keyboard.press('ArrowLeft');
    await keyboard.press('Shift+Tab');
    await keyboard.press('Tab');
    expect(await chosen.evaluateAll((all) => all[0]?.ownerDocument.activeElement === all[0])).toBe(
      true,
    );
    expect(await ask(page, 'statecraft.frame().number')).toBe(300);
  });

  it('ends in the run that was asked for last, however quickly', async () => {
    const page = await open(`${LINK}&at=40`, DESKTOP);
    await isAt(page, 40);
    const script = () => ask<Script>(page, 'statecraft.script()');
    const begun = { scenario: null, actions: [] };
    // All in one go: the first run asked for is the one that takes longest.
    await ask(
      page,
      `{
        const select = document.querySelector('select');
        select.value = 'figure-8-committed';
        select.dispatchEvent(new Event('change', { bubbles: true }));
        select.value = '';
        select.dispatchEvent(new Event('change', { bubbles: true }));
        await null;
        for (let clicks = 0; clicks < 2; clicks += 1) {
          document.querySelector('[aria-label="One server more"]').click();
          await null;
        }
      }`,
    );
    await expect.poll(script).toMatchObject({ ...begun, servers: 7 });
    await page.getByRole('button', { name: 'Server g:' }).waitFor();
    await page.getByRole('combobox', { name: 'Scenario' }).selectOption('Figure 7');
    await page.getByRole('region', { name: 'Scenario' }).getByText('1 of').waitFor();
    expect(await script()).toMatchObject({ scenario: 'figure-7' });
  });

  it('shows keys and values as the text that they are', async () => {
    const key = '<img src=x onerror="alert(1)">';
    const value = '<b id="bold">bold</b><script>alert(2)</script>';
    const page = await open(`${LINK}&at=150`, DESKTOP);
    await isAt(page, 150);
    await page.getByLabel('Key', { exact: true }).fill(key);
    await page.getByLabel('Value', { exact: true }).fill(value);
    await page.getByRole('button', { name: 'Send' }).click();
    await isAt(page, 151);
    await page.getByText(`put ${key} = ${value} at`).first().waitFor();
    await ask(page, 'statecraft.seek(250)');
    await page.getByRole('tab', { name: 'Keys' }).click();
    await page.getByRole('rowheader', { name: key }).waitFor();
    await page.getByRole('cell', { name: value, exact: true }).first().waitFor();
    await page.waitForURL(({ hash }) => hash.endsWith('at=250'));
    await page.reload();
    await isAt(page, 250);
    expect(await page.locator('img, #bold, #page script').count()).toBe(0);
  });
});
