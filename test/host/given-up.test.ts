/** Calls that were given up by their signal cost nothing more, and leave nothing on it. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';
import { Rig } from './rig.ts';

async function leading(): Promise<Rig> {
  const rig = await Rig.start();
  await rig.lead();
  rig.takeSent();
  return rig;
}

test('queries that were all given up in their turn are asked of nobody', async () => {
  const rig = await leading();
  const controller = new AbortController();
  const asked = rig.server.query('lines', { signal: controller.signal });
  controller.abort();
  expect(await asked).toMatchObject({ outcome: 'refused', reason: 'not-ready' });
  await rig.settle();
  expect(rig.sentOf('AppendEntries')).toEqual([]);
  void rig.server.query('lines');
  await rig.settle();
  expect(rig.sentOf('AppendEntries')).not.toEqual([]);
});

test('a query that was given up meanwhile is not evaluated', async () => {
  const rig = await leading();
  const controller = new AbortController();
  let evaluated = 0;
  rig.ledger.query = () => {
    evaluated += 1;
    return [];
  };
  const asked = [controller.signal, undefined].map((signal) =>
    rig.server.query('lines', signal && { signal }),
  );
  await rig.settle();
  controller.abort();
  await rig.b.acknowledge();
  expect(await Promise.all(asked)).toMatchObject([{ outcome: 'refused' }, { outcome: 'applied' }]);
  expect(evaluated).toBe(1);
});

test('what was answered leaves no listener on its signal', async () => {
  const rig = await leading();
  const { signal } = new AbortController();
  const session = rig.server.session();
  const calls = [
    rig.server.propose('x', { signal }),
    rig.server.query('lines', { signal }),
    rig.server.query('lines', { signal, consistency: 'stale' }),
    session.propose('y', { signal }),
  ];
  for (let round = 0; round < 3; round += 1) {
    await rig.settle();
    await rig.b.acknowledge();
  }
  for (const outcome of await Promise.all(calls)) expect(outcome.outcome).not.toBe('refused');
  const misuse = rig.server.query('throw', { signal, consistency: 'stale' });
  await expect(misuse).rejects.toThrow('this ledger does not answer that');
  expect(getEventListeners(signal, 'abort')).toEqual([]);
});
