/** What a server knows, and says, of its peers and of its disk. */
import { expect, test } from 'vitest';
import type { Stored } from '../../src/ports/storage.ts';
import { ControlledStorage } from './controlled-storage.ts';
import { Rig } from './rig.ts';

const followerOf = (rig: Rig) => rig.server.status().followers?.b;

test('each word of a follower counts as contact, not only the first', async () => {
  const rig = await Rig.start();
  await rig.lead();
  for (const silence of [20, 30]) {
    await rig.advance(silence);
    expect(followerOf(rig)).toMatchObject({ lastContactMs: silence });
    void rig.server.propose('x');
    await rig.settle();
    await rig.b.acknowledge();
    expect(followerOf(rig)).toMatchObject({ lastContactMs: 0 });
  }
});

test('only a connection that is lost is evidence that a leader is', async () => {
  const rig = await Rig.start();
  await rig.b.append();
  const of = { peer: 'b', clientAddress: 'http://b:1' } as const;
  rig.connections$.next({ ...of, isConnected: true });
  await rig.advance(100);
  expect(rig.sentOf('PreVote')).toEqual([]);
  rig.connections$.next({ peer: 'b', isConnected: false });
  const [, b] = rig.server.status().members;
  expect(b?.clientAddress, 'clients may still reach it').toBe('http://b:1');
  await rig.advance(100);
  expect(rig.sentOf('PreVote')).not.toEqual([]);
});

test('peers are told the number of the last durable write, as it is by then', async () => {
  let writeNumber = () => -1;
  const rig = await Rig.start({
    openTransport: async (introduction) => {
      writeNumber = introduction.writeNumber;
    },
  });
  const before = writeNumber();
  await rig.lead();
  const durable = writeNumber();
  expect(durable).toBe(rig.storage.writes.at(-1)?.writeId);
  expect(durable).toBeGreaterThan(before);
  rig.storage.isHolding = true;
  void rig.server.propose('x');
  await rig.settle();
  expect(rig.storage.inFlight?.writeId).toBe(durable + 1);
  expect(writeNumber()).toBe(durable);
});

test('the time of all writes is a sum', async () => {
  const rig = await Rig.start();
  await rig.lead();
  rig.storage.isHolding = true;
  const { totalMs } = rig.server.status().writes;
  for (const took of [20, 30]) {
    void rig.server.propose('x');
    await rig.settle();
    await rig.advance(took);
    await rig.finishWrite();
  }
  expect(rig.server.status().writes.totalMs).toBe(totalMs + 50);
});

test('what a storage found when it was opened is a warning', async () => {
  class Mended extends ControlledStorage {
    override async initialise(...given: Parameters<ControlledStorage['initialise']>) {
      const stored: Stored = await super.initialise(...given);
      return { ...stored, warnings: ['The log ended in half a record.'] };
    }
  }
  const rig = await Rig.start({ storage: new Mended() });
  expect(rig.server.status().warnings).toMatchObject([
    { from: 'storage', peer: null, message: 'The log ended in half a record.' },
  ]);
});
