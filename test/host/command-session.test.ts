/** A session on the server's own side: each of its commands takes effect exactly once (§8). */
import { describe, expect, test } from 'vitest';
import { Rig } from './rig.ts';

const textsOf = (rig: Rig) => rig.ledger.lines.map(({ text }) => text);

/** Server `a` leads, and b stores what it is sent. */
async function leading(): Promise<Rig> {
  const rig = await Rig.start();
  await rig.lead();
  return rig;
}

async function acknowledged<T>(rig: Rig, call: Promise<T>, times = 1): Promise<T> {
  for (let time = 0; time < times; time += 1) {
    await rig.settle();
    await rig.b.acknowledge();
  }
  return call;
}

describe('a session of the server itself', () => {
  test('is opened with its first command, numbers them, and closes', async () => {
    const rig = await leading();
    const session = rig.server.session();
    expect(rig.server.status().lastLogIndex).toBe(1);
    const first = await acknowledged(rig, session.propose('x'), 2);
    expect(first).toEqual({ outcome: 'applied', result: 1, index: 3, term: 1 });
    const both = Promise.all([session.propose('y'), session.propose('z')]);
    const [second, third] = await acknowledged(rig, both);
    expect([second, third]).toMatchObject([{ result: 2 }, { result: 3 }]);
    // The answer to a repeat of the second one is the one it had.
    const place = { session: 2, sequence: 2, firstUnanswered: 2 };
    const repeated = await acknowledged(rig, rig.server.propose('y', { session: place }));
    expect(repeated).toEqual(second);
    await acknowledged(rig, session.close());
    const owner = await acknowledged(rig, rig.server.sessionOwner(2));
    expect(owner).toMatchObject({ result: null });
    await expect(session.propose('w')).rejects.toThrow('This session was closed');
    expect(textsOf(rig)).toEqual(['x', 'y', 'z']);
  });

  test('belongs to whom it is opened for', async () => {
    const rig = await leading();
    await acknowledged(rig, rig.server.session({ owner: 'shop' }).propose('x'), 2);
    expect(await rig.server.sessionOwner(2)).toMatchObject({ result: 'shop' });
  });

  test('is refused at once where another server leads: nothing was sent that could be in doubt', async () => {
    const rig = await Rig.start();
    await rig.b.append();
    const refused = await rig.server.session().propose('x');
    expect(refused).toMatchObject({ outcome: 'refused', reason: 'not-leader', leader: 'b' });
  });

  test('waits for a leader that is not ready, and asks again by itself', async () => {
    const rig = await Rig.start();
    const call = rig.server.session().propose('x');
    await rig.elect();
    for (let round = 0; round < 20; round += 1) {
      await rig.b.acknowledge();
      await rig.advance(50);
    }
    expect(await call).toMatchObject({ outcome: 'applied', result: 1 });
    expect(textsOf(rig)).toEqual(['x']);
  });

  test('is told the answer of a command whose leader was lost, once this server has applied it', async () => {
    const rig = await leading();
    const session = rig.server.session();
    await acknowledged(rig, session.propose('x'), 2);
    const call = session.propose('y');
    await rig.settle();
    const entries = rig.sentOf('AppendEntries').flatMap((message) => message.entries);
    const [last] = entries.slice(-1);
    expect(last).toMatchObject({ index: 4, sequence: 2 });
    // b leads term 2 and has the entry; it takes a second until a learns that it is committed.
    const empty = { index: 5, term: 2, time: 0, type: 'empty', bytes: new Uint8Array() } as const;
    await rig.b.append({ term: 2, prevLogIndex: 4, prevLogTerm: 1, entries: [empty] });
    for (let heartbeat = 0; heartbeat < 10; heartbeat += 1) {
      await rig.advance(100);
      await rig.b.append({ term: 2, prevLogIndex: 5, prevLogTerm: 2, leaderCommit: 3 });
    }
    expect(rig.server.status()).toMatchObject({ role: 'follower', appliedIndex: 3 });
    await rig.b.append({ term: 2, prevLogIndex: 5, prevLogTerm: 2, leaderCommit: 5 });
    await rig.advance(1_000);
    expect(await call).toEqual({ outcome: 'applied', result: 2, index: 4, term: 1 });
    expect(textsOf(rig)).toEqual(['x', 'y']);
  });

  test('says unknown only when nobody could learn what became of the command', async () => {
    const rig = await leading();
    const session = rig.server.session();
    await acknowledged(rig, session.propose('x'), 2);
    const call = session.propose('y', { timeoutMs: 2_000 });
    await rig.settle();
    await rig.b.append({ term: 2, prevLogIndex: 3, prevLogTerm: 1 });
    await rig.advance(3_000);
    expect(await call).toMatchObject({ outcome: 'unknown' });
  });

  test('refuses a command that waited for its place until its time was up: it was never sent', async () => {
    const rig = await leading();
    const session = rig.server.session();
    await acknowledged(rig, session.propose('x'), 2);
    const pending = Array.from({ length: 64 }, (_, at) => session.propose(`${at}`));
    const late = session.propose('late', { timeoutMs: 100 });
    await rig.settle();
    await rig.advance(150);
    expect(await late).toMatchObject({ outcome: 'refused', reason: 'overloaded' });
    await acknowledged(rig, Promise.all(pending), 3);
    expect(textsOf(rig)).toHaveLength(65);
  });

  test('is given up by its signal, and lets misuse through', async () => {
    const rig = await leading();
    const session = rig.server.session();
    await acknowledged(rig, session.propose('x'), 2);
    const controller = new AbortController();
    const call = session.propose('y', { signal: controller.signal });
    await rig.settle();
    controller.abort();
    expect(await call).toMatchObject({ outcome: 'unknown' });
    const misuse = session.propose(Symbol('none') as never);
    await expect(misuse).rejects.toThrow(TypeError);
    const next = session.propose('z');
    await rig.settle();
    await rig.b.acknowledge();
    expect(await next).toMatchObject({ outcome: 'applied' });
  });
});
