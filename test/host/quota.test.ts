/** The quota of stored bytes: judged by the leader before it appends, never on apply. */
import { describe, expect, test } from 'vitest';
import { ENVELOPE_BYTES } from '../../machines/rules/entries.ts';
import { Ledger } from './ledger.ts';
import { commands } from './peer.ts';
import { Rig } from './rig.ts';

/** Counts the letters of its lines; a line that begins with a minus takes everything away. */
class CountingLedger extends Ledger {
  storedBytes(): number {
    const [kept = []] = this.lines
      .map(({ text }) => text)
      .join('')
      .split('-')
      .slice(-1);
    return kept.length;
  }

  addedBytes(text: string): number {
    return text.startsWith('-') ? 0 : text.length;
  }
}

const exceeded = { outcome: 'refused', reason: 'quota-exceeded', leader: 'a', retry: false };

async function leader(maxBytes: number): Promise<Rig> {
  const rig = await Rig.start({ ledger: new CountingLedger(), maxBytes });
  await rig.lead();
  return rig;
}

async function applied<T>(rig: Rig, call: Promise<T>): Promise<T> {
  await rig.settle();
  await rig.b.acknowledge();
  return call;
}

describe('what may be stored', () => {
  test('is stored to the last byte, and then refused, until something was deleted', async () => {
    const rig = await leader(10);
    expect(await applied(rig, rig.server.propose('0123456789'))).toMatchObject({ result: 1 });
    const refused = await applied(rig, rig.server.propose('x'));
    expect(refused).toMatchObject({
      ...exceeded,
      message:
        '10 bytes are stored and up to 0 on their way, so 1 more could pass the 10 that may be ' +
        'stored (maxBytes): delete something, or raise it on every server',
    });
    expect(rig.server.status()).toMatchObject({ storedBytes: 10, maxBytes: 10 });
    expect(await applied(rig, rig.server.propose('-'))).toMatchObject({ result: 2 });
    expect(await applied(rig, rig.server.propose('x'))).toMatchObject({ result: 3 });
  });

  test('counts what is proposed and not applied yet, so that a burst does not pass it', async () => {
    const room = 2 * (ENVELOPE_BYTES + 20);
    const rig = await leader(room);
    const inOneTurn = ['0', '1', '2'].map((text) => rig.server.propose(text.repeat(18)));
    await rig.settle();
    const appended = rig.server.propose('x'.repeat(18));
    const outcomes = await applied(rig, Promise.all([...inOneTurn, appended]));
    const expected = ['applied', 'applied', 'refused', 'refused'];
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(expected);
    expect(await applied(rig, rig.server.propose('x'.repeat(18)))).toMatchObject({ index: 4 });
  });

  test('does not keep sessions, reads and what adds nothing from going on', async () => {
    const rig = await leader(1);
    await applied(rig, rig.server.propose('x'));
    const calls = [rig.server.openSession(), rig.server.propose('-'), rig.server.closeSession(3)];
    const outcomes = await applied(rig, Promise.all([...calls, rig.server.query('lines')]));
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(4).fill('applied'));
  });

  test('is no reason to deny an answer that is known: a repeat is given it', async () => {
    const rig = await leader(5);
    await applied(rig, rig.server.openSession());
    const inSession = (sequence: number) => ({ session: { session: 2, sequence } });
    const first = await applied(rig, rig.server.propose('01234', inSession(1)));
    expect(await applied(rig, rig.server.propose('01234', inSession(1)))).toEqual(first);
    const next = rig.server.propose('56789', inSession(2));
    expect(await applied(rig, next)).toMatchObject(exceeded);
  });

  test('is judged by the leader alone: what it has let in, everybody applies', async () => {
    const rig = await Rig.start({ ledger: new CountingLedger(), maxBytes: 2 });
    await rig.b.append({ entries: commands(1, 1, 'more', 'than', 'two'), leaderCommit: 3 });
    expect(rig.ledger.lines).toHaveLength(3);
    expect(await rig.server.propose('x')).toMatchObject({ reason: 'not-leader', leader: 'b' });
  });

  test('is whatever this server was started with, and without that there is no bound', async () => {
    const rig = await Rig.start({ ledger: new CountingLedger() });
    await rig.lead();
    expect(await applied(rig, rig.server.propose('x'.repeat(1_000)))).toMatchObject({ result: 1 });
    expect(rig.server.status()).toMatchObject({ storedBytes: 1_000, maxBytes: null });
  });
});

test.each([
  ['a quota that is none', new CountingLedger(), 0, /maxBytes must be a whole number of bytes/],
  ['a state machine that does not count', new Ledger(), 10, /give it storedBytes\(\)/],
])('%s is refused at the start', async (_, ledger, maxBytes, sentence) => {
  await expect(Rig.start({ ledger, maxBytes })).rejects.toThrow(sentence);
});
