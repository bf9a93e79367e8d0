import { describe, expect, test } from 'vitest';
import type { HostObserver } from '../../src/host/host.ts';
import { commands } from './peer.ts';
import { Rig } from './rig.ts';

/** Whatever comes in and however long it lasts, nothing leaves that server any more. */
async function expectSilence(rig: Rig): Promise<void> {
  rig.takeSent();
  const { writes, chunks } = rig.storage;
  const before = [writes.length, chunks.length, rig.ledger.lines.length];
  expect(rig.clock.nextDeadline).toBe(Number.POSITIVE_INFINITY);
  await rig.b.requestVote({ term: 9 });
  await rig.b.append({ term: 9, entries: commands(1, 9, 'late') });
  await rig.advance(10_000);
  expect(rig.sent).toEqual([]);
  expect([writes.length, chunks.length, rig.ledger.lines.length]).toEqual(before);
  expect(rig.isTransportClosed && rig.storage.isClosed).toBe(true);
  expect(await rig.server.propose('late')).toMatchObject({ outcome: 'refused', reason: 'stopped' });
  expect(await rig.server.query('lines')).toMatchObject({ outcome: 'refused', reason: 'stopped' });
  await rig.server.stop();
}

describe('a write that fails stops the server (§5)', () => {
  test('a pending call is unknown, and the error names the write', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    const call = rig.server.propose('x');
    await rig.settle();
    const number = rig.storage.inFlight?.writeId;
    await rig.failWrite('no space left on device.');
    expect(await call).toEqual({ outcome: 'unknown', reason: 'stopped' });
    expect(rig.failures).toHaveLength(1);
    expect(rig.failures[0]?.message).toContain(`Server a has stopped: write ${number} to its`);
    expect(rig.failures[0]?.message).toContain('failed: no space left on device. Check the disk');
    expect(rig.server.status().failure).toBe(rig.failures[0]);
    await expectSilence(rig);
  });

  test('what waited for it never leaves, nor what was decided meanwhile', async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.requestVote();
    await rig.b.append({ entries: commands(1, 1, 'x') });
    const { length } = rig.storage.writes;
    await rig.failWrite();
    expect(rig.sent).toEqual([]);
    expect(rig.storage.writes).toHaveLength(length);
    await expectSilence(rig);
  });

  test('a query under way is refused', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    const query = rig.server.query('lines');
    void rig.server.propose('x');
    await rig.settle();
    await rig.failWrite();
    expect(await query).toMatchObject({ outcome: 'refused', reason: 'stopped' });
    await expectSilence(rig);
  });

  test('who subscribes later hears of it too', async () => {
    const rig = await Rig.start();
    rig.storage.isHolding = true;
    await rig.b.requestVote();
    await rig.failWrite();
    const late: Error[] = [];
    rig.server.failed$.subscribe((error) => late.push(error));
    expect(late).toEqual(rig.failures);
  });

  test('a stop under way ends, though nobody will ever take over', async () => {
    const rig = await Rig.start();
    await rig.lead();
    rig.storage.isHolding = true;
    void rig.server.propose('x');
    await rig.settle();
    const stopped = rig.server.stop();
    await rig.settle();
    await rig.failWrite();
    await stopped;
    await expectSilence(rig);
  });
});

describe('a bug stops the server, and nothing of it is observed afterwards', () => {
  test('a state machine that throws', async () => {
    const rig = await Rig.start();
    await rig.lead();
    const calls = ['x', 'throw', 'y'].map((text) => rig.server.propose(text));
    await rig.settle();
    await rig.b.acknowledge();
    const [first, ...others] = await Promise.all(calls);
    expect(first).toMatchObject({ outcome: 'applied' });
    expect(others).toEqual(others.map(() => ({ outcome: 'unknown', reason: 'stopped' })));
    expect(rig.failures).toMatchObject([{ cause: { message: 'this ledger does not take that' } }]);
    expect(rig.ledger.lines).toMatchObject([{ text: 'x' }]);
    await expectSilence(rig);
  });

  test('a broken invariant of the protocol: somebody else leads our term (§5.2)', async () => {
    const rig = await Rig.start();
    await rig.lead();
    const call = rig.server.propose('x');
    await rig.settle();
    await rig.c.append({ term: 1 });
    expect(await call).toEqual({ outcome: 'unknown', reason: 'stopped' });
    expect(rig.failures).toMatchObject([{ name: 'InvariantViolation' }]);
    await expectSilence(rig);
  });

  test('the same in a follower: nothing of the second leader is written or answered', async () => {
    const rig = await Rig.start();
    await rig.b.append({ term: 1, entries: commands(1, 1, 'x') });
    rig.takeSent();
    const written = rig.storage.writes.length;
    await rig.c.append({ term: 1, entries: commands(1, 1, 'forged'), leaderCommit: 1 });
    expect(rig.failures).toMatchObject([
      {
        name: 'InvariantViolation',
        message: expect.stringContaining(
          'a knows that b leads term 1, and c says that it leads term 1 too',
        ),
      },
    ]);
    expect(rig.sent).toEqual([]);
    expect(rig.storage.writes).toHaveLength(written);
    expect(rig.ledger.lines).toEqual([]);
    await expectSilence(rig);
  });

  const throwing = (at: keyof HostObserver) => {
    const trap = { isSet: false, sprung: 0 };
    const listener = () => {
      if (!trap.isSet) return;
      trap.sprung += 1;
      throw new Error(`${at} throws`);
    };
    return { trap, observer: { [at]: listener } satisfies HostObserver };
  };

  for (const at of ['onEvent', 'onEffect', 'onState'] as const) {
    test(`a listener that throws in ${at}`, async () => {
      const { trap, observer } = throwing(at);
      const rig = await Rig.start({ observer });
      await rig.lead();
      const call = rig.server.propose('x');
      rig.takeSent();
      trap.isSet = true;
      await rig.settle();
      expect(await call).toMatchObject({ reason: 'stopped' });
      expect(rig.failures).toMatchObject([{ message: `${at} throws` }]);
      await expectSilence(rig);
      expect(trap.sprung).toBe(1);
    });
  }

  test('no listener hears of what was under way: neither event, effect nor state', async () => {
    const heard: string[] = [];
    const trap = { isSet: false };
    const rig = await Rig.start({
      observer: {
        onEvent: ({ type }) => heard.push(`event ${type}`),
        onState: () => heard.push('state'),
        onEffect: ({ type }) => {
          heard.push(`effect ${type}`);
          if (trap.isSet) throw new Error('it cannot hear this');
        },
      },
    });
    await rig.lead();
    rig.server.takeSnapshot();
    heard.splice(0);
    trap.isSet = true;
    await rig.b.append({ term: 2 });
    expect(heard).toEqual(['event rpc.received', expect.stringMatching(/^effect/)]);
    expect(rig.failures).toMatchObject([{ message: 'it cannot hear this' }]);
    await expectSilence(rig);
  });

  test('a transport that has thrown is not handed the rest of what waited for the disk', async () => {
    const rig = await Rig.start();
    await rig.advance(600);
    rig.storage.isHolding = true;
    await rig.b.grantAll();
    rig.takeSent();
    let handed = 0;
    rig.onSend = () => {
      handed += 1;
      throw new Error('no route');
    };
    await rig.finishWrite();
    expect(rig.failures).toMatchObject([{ message: expect.stringContaining('no route') }]);
    expect(handed).toBe(1);
    await expectSilence(rig);
  });
});
