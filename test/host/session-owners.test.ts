/** A session belongs to whoever opened it, as every server learns from the log (§8; thesis §6.3). */
import { describe, expect, test } from 'vitest';
import { encodeOwner } from '../../machines/rules/sessions.ts';
import { emptyEntry } from './peer.ts';
import { Rig } from './rig.ts';

/** A leader whose session at index 2 is Ada's, and the one at index 3 nobody's. */
async function leader(): Promise<Rig> {
  const rig = await Rig.start();
  await rig.lead();
  const opened = [rig.server.openSession({ owner: 'ada' }), rig.server.openSession()];
  await rig.settle();
  await rig.b.acknowledge();
  expect(await Promise.all(opened)).toMatchObject([{ index: 2 }, { index: 3 }]);
  return rig;
}

describe('whose a session is', () => {
  test('a server that has applied its opening says at once, whoever leads', async () => {
    const rig = await leader();
    rig.takeSent();
    expect(await rig.server.sessionOwner(2)).toMatchObject({ outcome: 'applied', result: 'ada' });
    expect(await rig.server.sessionOwner(3)).toMatchObject({ outcome: 'applied', result: '' });
    await rig.b.append({ term: 2, prevLogIndex: 3, prevLogTerm: 1 });
    expect(await rig.server.sessionOwner(2)).toMatchObject({ result: 'ada' });
    expect(rig.sentOf('AppendEntries')).toEqual([]);
  });

  test('the leader says that there is none only when a majority has confirmed it', async () => {
    const rig = await leader();
    const asked = rig.server.sessionOwner(9);
    await rig.settle();
    await rig.b.acknowledge();
    expect(await asked).toMatchObject({ outcome: 'applied', result: null });
  });

  test('and not before it has applied what its predecessor committed', async () => {
    const rig = await Rig.start();
    const opening = {
      ...emptyEntry(2, 1),
      type: 'openSession',
      bytes: encodeOwner('ada'),
    } as const;
    await rig.b.append({ entries: [emptyEntry(1, 1), opening], leaderCommit: 1 });
    await rig.elect();
    const asked = rig.server.sessionOwner(2, { timeoutMs: 1_000 });
    await rig.settle();
    await rig.b.acknowledge();
    await rig.b.acknowledge();
    expect(await asked).toMatchObject({ outcome: 'applied', result: 'ada' });
  });

  test('whoever does not lead, and has not heard of it, does not know', async () => {
    const rig = await Rig.start();
    await rig.b.append();
    const refused = { outcome: 'refused', reason: 'not-leader', leader: 'b' };
    expect(await rig.server.sessionOwner(2)).toMatchObject(refused);
  });

  test('a server that is stopping says so', async () => {
    const rig = await leader();
    const stopped = rig.server.stop();
    expect(await rig.server.sessionOwner(2)).toMatchObject({ reason: 'stopped' });
    await rig.advance(10_000);
    await stopped;
  });
});

test.each(['x'.repeat(257), '\ud800', 7 as never])('%j is no owner', async (owner) => {
  const rig = await Rig.start();
  await expect(rig.server.openSession({ owner })).rejects.toThrow(TypeError);
});
