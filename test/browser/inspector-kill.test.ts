/** The inspector follows a leader that is killed with `kill -9`, as it happens. */
import { expect, it } from 'vitest';
import { eventually } from '../cluster/statuses.ts';
import { inBrowser } from './in-browser.ts';
import {
  cardOf,
  inspectedCluster,
  isAccountedFor,
  seen,
  showsLeader,
  told,
} from './inspected-cluster.ts';

const DESKTOP = { viewport: { width: 1600, height: 1000 } };
/** The page asks again until the server is back. */
const REFUSED = new RegExp(
  [
    "^console error: WebSocket connection to 'ws://127\\.0\\.0\\.1:\\d+/inspect/socket'",
    '^console error: Failed to load resource: net::ERR_(CONNECTION|EMPTY|SOCKET)_',
    '^request failed: http://127\\.0\\.0\\.1:\\d+/inspect ',
  ].join('|'),
);
const PATIENCE = { timeout: 20_000 };
/** So often the page asks whether a server is there before it dials it all the same. */
const ASKED_MAX = 12;

inBrowser('the inspector', (open) => {
  const it3 = inspectedCluster();

  it('follows a kill -9 of the leader: lost, an election, a new leader, and back', async () => {
    const before = await it3.cluster.leader();
    const survivors = it3.cluster.ids.filter((id) => id !== before.id);
    const [witness = ''] = survivors;
    const endpoint = it3.cluster.endpoints[it3.cluster.ids.indexOf(witness)];
    const page = await open(`${endpoint}/inspect`, { ...DESKTOP, mayFail: REFUSED });
    await showsLeader(page);

    process.kill(before.pid, 'SIGKILL');
    const [old, cards] = [cardOf(page, before.id), page.getByRole('list', { name: 'Servers' })];
    await old.filter({ hasText: 'lost at' }).waitFor(PATIENCE);
    await cards
      .getByRole('button')
      .filter({ hasText: /connected/ })
      .filter({ hasText: 'leader' })
      .waitFor(PATIENCE);
    const leader = (await seen(page)).find(
      ({ role, reach }) => role === 'leader' && reach === 'connected',
    );
    expect(survivors).toContain(leader?.id);
    expect(leader?.term).toBeGreaterThan(before.term);
    await old.filter({ hasText: 'connected' }).filter({ hasText: 'follower' }).waitFor(PATIENCE);

    const messages = page.getByRole('region', { name: 'Sequence of messages' });
    await messages.getByText(`leader of term ${leader?.term}`).first().waitFor();
    for (const id of survivors) await isAccountedFor(page, id);
    const ranOut = (await told(page, leader?.id ?? '')).filter(({ event }) =>
      /^xstate\.after\.\w+\.server\.follower/.test(event),
    );
    expect(ranOut.length).toBeGreaterThan(0);
  });

  it('dials a server that is away when it is there again, and not in vain before', async () => {
    const page = await open(it3.url, { ...DESKTOP, mayFail: REFUSED });
    await showsLeader(page);
    const dialled: string[] = [];
    page.on('websocket', (socket) => dialled.push(socket.url()));
    let askedInVain = 0;
    page.on('requestfailed', (request) => {
      if (request.method() === 'HEAD') askedInVain += 1;
    });
    const { endpoints, ids } = it3.cluster;
    const id = ids.at(-1) ?? '';
    process.kill(await it3.cluster.pidOf(id), 'SIGKILL');
    await cardOf(page, id).filter({ hasText: 'lost at' }).waitFor(PATIENCE);
    await cardOf(page, id).filter({ hasText: 'connected' }).waitFor(PATIENCE);
    const { host } = new URL(endpoints.at(-1) ?? '');
    const inVain = dialled.slice(1);
    expect(new Set(dialled)).toEqual(new Set([`ws://${host}/inspect/socket`]));
    // Where requests are blocked, only dialling can tell: it is tried once for so many of them.
    expect(inVain.length).toBeLessThanOrEqual(Math.floor(askedInVain / ASKED_MAX));
  });

  it('lights the states of the server that is chosen', async () => {
    const page = await open(it3.url, DESKTOP);
    await showsLeader(page);
    const chart = page.getByRole('region', { name: 'Statechart' }).first();
    for (const role of ['leader', 'follower']) {
      const lit = chart.locator('.state.is-active', { hasText: role }).first();
      // Who leads may be another between two looks: then whoever leads by now is chosen.
      await eventually(`a ${role} is chosen, and its state is lit`, 30_000, async () => {
        const chosen = (await seen(page)).find((each) => each.role === role);
        if (chosen === undefined) return false;
        await cardOf(page, chosen.id).click();
        return lit.waitFor({ timeout: 2_000 }).then(
          () => true,
          () => false,
        );
      });
    }
  });
});
