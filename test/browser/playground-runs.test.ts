/** From run to run in the playground: nothing is lost, and whatever is said is so. */
import { expect, it } from 'vitest';
import { ACTIONS_MAX } from '../../src/playground/link.ts';
import type { Script } from '../../src/playground/script.ts';
import { inPlayground } from './in-playground.ts';
import { ask, isAt, isThere } from './playground-page.ts';

const SMALL = { viewport: { width: 1280, height: 800 } };
const LINK = '#v=1&seed=7&servers=5';
const MOMENT = '[statecraft.hash(), statecraft.length(), statecraft.script()]';

inPlayground('the playground', (open) => {
  it('brings runs back whole by the browser’s Back and Forward, the last wish of all', async () => {
    const page = await open(`${LINK}&deeds=60.put.a.x.1~90.crash.b&at=150`, SMALL);
    await isAt(page, 150);
    await page.keyboard.press('Shift+ArrowRight');
    await isAt(page, 160);
    await page.keyboard.press('ArrowLeft');
    await isAt(page, 159);
    const first = await ask(page, MOMENT);
    const said = page.getByRole('status').getByText(/The one before has 2 deeds of yours/);
    await page.getByRole('button', { name: 'One server more' }).click();
    await said.waitFor();
    await page.getByRole('button', { name: 'One server more' }).click();
    await expect.poll(() => ask(page, 'statecraft.script().servers')).toBe(7);
    expect(await said.count()).toBe(0);
    await page.goBack();
    await expect.poll(() => ask(page, 'statecraft.script().servers')).toBe(6);
    await page.goBack();
    await isAt(page, 159);
    expect(await ask(page, MOMENT)).toEqual(first);
    // One after the other, before any of these runs is there.
    await ask(
      page,
      `{
        const gone = () => new Promise((done) => addEventListener('popstate', done, { once: true }));
        for (const by of [1, 1, -1, -1, 1]) {
          const there = gone();
          history.go(by);
          await there;
        }
      }`,
    );
    await expect.poll(() => ask(page, 'statecraft.script().servers')).toBe(6);
    await page.waitForURL(({ hash }) => hash.includes('servers=6'));
    await page.goBack();
    await isAt(page, 159);
    expect(await ask(page, MOMENT)).toEqual(first);
  });

  it('says once that no link can carry the run any more, and loses nothing of it', async () => {
    const deeds = Array.from({ length: ACTIONS_MAX }, (_, event) => `${event}.heal`).join('~');
    const page = await open(`${LINK}&deeds=${deeds}&at=${ACTIONS_MAX}`, SMALL);
    await isAt(page, ACTIONS_MAX);
    const said = page.getByRole('status').getByText(/longer than a link can hold: .* event 500,/);
    await ask(page, "statecraft.act({ type: 'heal' })");
    await said.waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await said.waitFor({ state: 'detached' });
    await ask(page, "statecraft.act({ type: 'crash', server: 'a' })");
    await isAt(page, ACTIONS_MAX + 2);
    const moment = await ask(page, MOMENT);
    await page.keyboard.press('n');
    await page.getByText(`The one before has ${ACTIONS_MAX + 2} deeds of yours`).waitFor();
    expect(await said.count(), 'it is said once').toBe(0);
    await page.goBack();
    await isAt(page, ACTIONS_MAX + 2);
    expect(await ask(page, MOMENT)).toEqual(moment);
  });

  it('says nothing any longer than it is so', async () => {
    const page = await open(`${LINK}&at=60`, SMALL);
    await isAt(page, 60);
    const remark = page.getByRole('status').getByText('a is paused: resume it first.');
    await page.keyboard.press('p');
    await page.keyboard.press('t');
    await remark.waitFor();
    await page.keyboard.press('ArrowLeft');
    await isAt(page, 60);
    expect(await remark.count(), 'a was not paused yet').toBe(0);
    await page.keyboard.press('ArrowRight');
    await isAt(page, 61);
    await page.keyboard.press('t');
    await remark.waitFor();
    await page.keyboard.press('r');
    await isAt(page, 62);
    expect(await remark.count(), 'a was started again').toBe(0);
  });

  it('keeps the focus where something was pressed that has nothing more to do', async () => {
    const page = await open(`${LINK}&at=60`, SMALL);
    await isAt(page, 60);
    await page.getByRole('tab', { name: 'Links' }).click();
    await page.getByRole('radio', { name: 'a in group B' }).check();
    const partition = page.getByRole('button', { name: 'Partition' });
    await partition.focus();
    await page.keyboard.press('Enter');
    await isAt(page, 61);
    await page.getByRole('button', { name: 'a to b: groups separate them' }).waitFor();
    expect(await ask(page, 'document.activeElement.textContent')).toBe('Partition');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Restore all links' }).press('Enter');
    await isAt(page, 62);
    expect(await ask(page, 'document.activeElement.textContent')).toBe('Restore all links');
    const { actions: deeds } = await ask<Script>(page, 'statecraft.script()');
    expect(deeds.map(({ action }) => action.type)).toEqual(['partition', 'heal']);
  });

  it('lets time stand where the system asks for less motion, and says so', async () => {
    const page = await open('', { ...SMALL, reducedMotion: 'reduce' });
    await isThere(page);
    const said = page.getByRole('status').getByText(/asks for less motion, so time stands/);
    await said.waitFor();
    await page.keyboard.press('Space');
    await said.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Pause', exact: true }).last().waitFor();
  });

  it('says what to do where it cannot be drawn', async () => {
    const page = await open('', { ...SMALL, javaScriptEnabled: false });
    await page.getByText(/Opened as a file it cannot/).waitFor();
  });
});
