/** The playground's time goes both ways, and a link is the moment that it was made at. */
import { expect, it } from 'vitest';
import { frameHash } from '../../src/playground/frame-hash.ts';
import { LINK_LENGTH_MAX } from '../../src/playground/link.ts';
import { openRecording } from '../../src/playground/scenarios/index.ts';
import { inPlayground } from './in-playground.ts';
import { ask, expected, isAt, isThere, shown } from './playground-page.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };
const SCRIPT = { seed: 7, servers: 5, scenario: null, actions: [] };
const LINK = '#v=1&seed=7&servers=5';

const BAD_LINKS: readonly (readonly [string, string, RegExp])[] = [
  ['means nothing', '#hello', /“?hello”? means nothing here/],
  ['is damaged', `${LINK}&deeds=12.explode.a`, /12\.explode\.a.* is nothing that one can do/],
  ['is of another version', '#v=2&seed=7&servers=5', /is of version .*2.*reads version 1/],
  ['is too long', `${LINK}&deeds=${'~'.repeat(LINK_LENGTH_MAX)}`, /too long/],
  ['wants to be a page', '#<img src=x onerror=alert(1)>', /means nothing here/],
];

inPlayground('time in the playground', (open) => {
  it('goes back step by step to what was before, and forth again', async () => {
    const tape = await openRecording(SCRIPT);
    await tape.advanceTo(160);
    const page = await open(`${LINK}&at=160`, DESKTOP);
    await isAt(page, 160);
    const back = Array.from({ length: 15 }, (_, step) => 159 - step);
    const forth = back.map((event) => event + 1).reverse();
    for (const [key, events] of Object.entries({ ArrowLeft: back, ArrowRight: forth })) {
      for (const event of events) {
        await page.keyboard.press(key);
        await isAt(page, event);
        expect(await ask(page, 'statecraft.hash()')).toBe(frameHash(tape.frame(event)));
      }
      const { from, servers } = await shown(page);
      expect(servers).toEqual(expected(tape.frame(events.at(-1) as number), from));
    }
  });

  it('forks when one acts in the past, says so, and can be joined again', async () => {
    const page = await open(`${LINK}&at=200`, DESKTOP);
    await isAt(page, 200);
    await ask(page, 'statecraft.seek(120)');
    const before = await ask(page, 'statecraft.hash()');
    await page.getByRole('button', { name: 'Crash', exact: true }).click();
    const said = page.getByRole('status');
    await said
      .getByText('history forks here, and the 80 events after event 120 are gone')
      .waitFor();
    await isAt(page, 121);
    expect(await ask(page, 'statecraft.length()')).toBe(121);
    await page.getByRole('button', { name: 'Server a: down' }).waitFor();
    await said.getByRole('button', { name: 'Undo' }).click();
    await isAt(page, 120);
    expect(await ask(page, '[statecraft.hash(), statecraft.length()]')).toEqual([before, 200]);
    await page.getByRole('button', { name: 'Server a: follower' }).waitFor();
  });

  it('is the same moment after reloading, whatever was done before it', async () => {
    const page = await open(`${LINK}&at=150`, DESKTOP);
    await isAt(page, 150);
    await page.getByRole('button', { name: 'Send' }).click();
    await isAt(page, 151);
    await page.getByRole('button', { name: 'Pause', exact: true }).last().click();
    await isAt(page, 152);
    await ask(page, 'statecraft.seek(230)');
    await isAt(page, 230);
    const before = [await ask(page, 'statecraft.hash()'), await shown(page)];
    await page.waitForURL(({ hash }) => hash.endsWith('at=230'));
    await page.reload();
    await isAt(page, 230);
    expect([await ask(page, 'statecraft.hash()'), await shown(page)]).toEqual(before);
    expect(await ask<unknown[]>(page, 'statecraft.script().actions')).toHaveLength(2);
  });

  it('fits into a link that somebody else can open', async () => {
    const permissions = ['clipboard-read', 'clipboard-write'];
    const page = await open(`${LINK}&at=177`, { ...DESKTOP, permissions });
    await isAt(page, 177);
    await page.getByRole('button', { name: 'Copy link' }).click();
    await page.getByText('Link copied').waitFor();
    const other = await open(await ask<string>(page, 'navigator.clipboard.readText()'));
    await isAt(other, 177);
    expect(await ask(other, 'statecraft.hash()')).toBe(await ask(page, 'statecraft.hash()'));
  });

  it.each(BAD_LINKS)('is not lost over a link that %s', async (_fault, fragment, said) => {
    const page = await open(fragment, DESKTOP);
    await isThere(page);
    await page.getByRole('status').getByText(said).waitFor();
    await page.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('status').getByText(said).waitFor({ state: 'detached' });
    await ask(page, 'statecraft.seek(50)');
    await isAt(page, 50);
  });

  it('stays where it is when the address becomes a link that cannot be read', async () => {
    const page = await open(`${LINK}&at=140`, DESKTOP);
    await isAt(page, 140);
    const before = await ask(page, 'statecraft.hash()');
    await ask(page, "{ location.hash = 'v=1&seed=many'; }");
    await page.getByRole('status').getByText(/seed/).waitFor();
    expect(await ask(page, 'statecraft.hash()')).toBe(before);
  });
});
