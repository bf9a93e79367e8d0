/** An inspector of a server is told why it decides what it decides, in sentences. */
import { expect, test } from 'vitest';
import type { InspectionEvent } from 'xstate';
import { serverSource } from '../../src/inspector/server-source.ts';
import { Rig } from '../host/rig.ts';

test('the facts behind decisions come as sentences with their sections', async () => {
  const rig = await Rig.start();
  const said: unknown[] = [];
  const next = (event: InspectionEvent) => {
    if (event.type !== '@xstate.action' || event.action.type !== 'xstate.emit') return;
    const { event: effect } = event.action.params as { readonly event: { readonly type: string } };
    if (effect.type === 'explain') said.push(effect);
  };
  serverSource(rig.server, '0').attach({ next, failed: () => {} });
  await rig.lead();
  expect(said).toContainEqual({
    type: 'explain',
    why: 'a won the election of term 1: it has the votes of a and b, and needs 2',
    section: '§5.2',
  });
});
