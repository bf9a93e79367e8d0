/** What becomes of a command at which the state machine throws: the same on every server. */
import { describe, expect, test } from 'vitest';
import { InvariantViolation } from '../../machines/rules/invariant.ts';
import { readSnapshot, SnapshotFormatError } from '../../src/formats/snapshot-file.ts';
import { CommandError } from '../../src/host/command-error.ts';
import { SessionTable } from '../../src/host/session-table.ts';
import { Ledger } from './ledger.ts';
import { commands, emptyEntry } from './peer.ts';
import { Rig } from './rig.ts';

async function applied<T>(rig: Rig, call: Promise<T>): Promise<T> {
  await rig.settle();
  await rig.b.acknowledge();
  return call;
}

async function leading(ledger = new Ledger()): Promise<Rig> {
  const rig = await Rig.start({ ledger });
  await rig.lead();
  return rig;
}

const textsOf = (rig: Rig) => rig.ledger.lines.map(({ text }) => text);
const thrown = new TypeError("Cannot read properties of undefined (reading 'x')");

describe('a state machine that throws stops its server, unless it says that it is transactional', () => {
  test('the error names server, entry, term and command, and has what was thrown', async () => {
    const rig = await leading();
    rig.ledger.thrown = thrown;
    const text = `throw \u001b[2J${'!'.repeat(300)}`;
    const call = applied(rig, rig.server.propose(text));
    expect(await call).toEqual({ outcome: 'unknown', reason: 'stopped' });
    const [failure] = rig.failures;
    expect(failure).toBeInstanceOf(CommandError);
    expect(failure).toMatchObject({ server: 'a', index: 2, term: 1, cause: thrown });
    expect(failure?.message).toBe(
      'Server a has stopped: its state machine threw at entry 2 (term 1): Cannot read properties of ' +
        `undefined (reading 'x'). The command: "throw \\u001b[2J${'!'.repeat(20)}…(310 characters)…` +
        `${'!'.repeat(30)}". It is committed, ` +
        'so every server that applies it stops, at each start, until all run a state machine that ' +
        'accepts it: see "A command at which the state machine throws" in docs/operations.md.',
    );
  });

  test('a restart fails again with the same sentence, and not with one that takes it', async () => {
    const entries = [emptyEntry(1, 1), ...commands(2, 1, 'throw', 'y')];
    const before = await Rig.start();
    await before.b.append({ entries, leaderCommit: 3 });
    await before.settle();
    const after = await Rig.start({ storage: before.storage });
    await after.b.append({ prevLogIndex: 3, prevLogTerm: 1, leaderCommit: 3 });
    expect(after.failures[0]?.message).toContain('its state machine threw at entry 2 (term 1)');
    expect(after.failures[0]?.message).toBe(before.failures[0]?.message);

    const mended = new Ledger(true);
    const rig = await Rig.start({ storage: before.storage, ledger: mended });
    await rig.b.append({ prevLogIndex: 3, prevLogTerm: 1, leaderCommit: 3 });
    expect([rig.failures, textsOf(rig)]).toEqual([[], ['y']]);
  });
});

describe('a transactional state machine that throws refuses the command', () => {
  test('to its caller, with a fixed word; what was thrown goes to the observer alone', async () => {
    const refused: CommandError[] = [];
    const observer = { onCommandFailed: (error: CommandError) => refused.push(error) };
    const rig = await Rig.start({ ledger: new Ledger(true), observer });
    await rig.lead();
    rig.ledger.thrown = thrown;
    const calls = ['x', 'throw', 'y'].map((text) => rig.server.propose(text));
    const [x, failed, y] = await applied(rig, Promise.all(calls));
    expect([x, y]).toMatchObject([{ result: 1 }, { result: 2, index: 4 }]);
    expect(failed).toEqual({
      outcome: 'refused',
      reason: 'command-failed',
      leader: 'a',
      retry: false,
      message: 'the state machine threw at this command, and its state is as before it',
    });
    expect(textsOf(rig)).toEqual(['x', 'y']);
    expect(rig.server.status()).toMatchObject({
      commandsFailed: 1,
      appliedIndex: 4,
      role: 'leader',
    });
    expect(refused).toMatchObject([{ server: 'a', index: 3, term: 1, cause: thrown }]);
    expect(refused[0]?.message).toContain('threw at entry 3 (term 1): Cannot read properties of');
    expect(refused[0]?.message).toContain('It was "throw"');
  });

  const circular = new Error('one');
  circular.cause = new Error('other', { cause: circular });
  const odd: readonly (readonly [string, unknown])[] = [
    ['nothing', null],
    ['an object that has no text', Object.create(null)],
    ['an error without a message', Object.assign(new Error(), { message: 5 })],
    ['errors that cause each other', circular],
  ];
  for (const [what, cause] of odd) {
    test(`whatever is thrown: ${what}`, async () => {
      const rig = await leading(new Ledger(true));
      rig.ledger.thrown = cause;
      const outcome = await applied(rig, rig.server.propose('throw'));
      expect(outcome).toMatchObject({ outcome: 'refused', reason: 'command-failed' });
      expect(rig.failures).toEqual([]);
    });
  }

  const own: readonly (readonly [string, unknown])[] = [
    ['a stack that is used up', new RangeError('Maximum call stack size exceeded')],
    ['a memory that is used up', new RangeError('Array buffer allocation failed')],
    [
      'the same, wrapped',
      new Error('could not', { cause: new RangeError('Invalid string length') }),
    ],
    ['room, as Node.js says it', Object.assign(new Error('no'), { code: 'ERR_STRING_TOO_LONG' })],
    ['a disk that is full', Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', errno: -28 })],
    [
      'a library that says why by a code',
      Object.assign(new Error('full'), { code: 'SQLITE_FULL' }),
    ],
    ['a module of WebAssembly', Object.assign(new Error('memory'), { name: 'RuntimeError' })],
    ['one of several', new AggregateError([new Error('x'), new RangeError('stack')], 'several')],
    ['a broken invariant', new InvariantViolation('a bug')],
  ];
  for (const [what, cause] of own) {
    test(`never for ${what}: other servers may not meet it`, async () => {
      const rig = await leading(new Ledger(true));
      rig.ledger.thrown = cause;
      const outcome = await applied(rig, rig.server.propose('throw'));
      expect(outcome).toEqual({ outcome: 'unknown', reason: 'stopped' });
      expect(rig.failures).toMatchObject([{ cause, index: 2 }]);
      expect(rig.failures[0]?.message).toContain('so it is never a refusal');
      expect(rig.server.status()).toMatchObject({ commandsFailed: 0, role: 'stopped' });
    });
  }
});

describe('a repeat of a refused command gets the same answer (§8)', () => {
  const session = { session: 2, sequence: 1 };
  const repeated = async (rig: Rig) => applied(rig, rig.server.propose('throw', { session }));

  test('though the state machine would not throw any more', async () => {
    const rig = await leading(new Ledger(true));
    await applied(rig, rig.server.openSession());
    const first = await repeated(rig);
    expect(first).toMatchObject({ outcome: 'refused', reason: 'command-failed' });
    const after = await applied(rig, rig.server.propose('x', { session }));
    expect(after).toEqual(first);
    expect(textsOf(rig)).toEqual([]);
    expect(rig.server.status()).toMatchObject({ commandsFailed: 1 });
  });

  test('also from a snapshot, which earlier versions do not read; without a refusal they do', async () => {
    const rig = await leading(new Ledger(true));
    await applied(rig, rig.server.openSession());
    rig.server.takeSnapshot();
    await rig.settle();
    expect(await formatOf(rig)).toBe(1);
    const first = await repeated(rig);
    rig.server.takeSnapshot();
    await rig.settle();
    expect(await formatOf(rig)).toBe(2);

    const restarted = await Rig.start({ storage: rig.storage, ledger: new Ledger(true) });
    await restarted.lead();
    expect(restarted.ledger.restores).toBe(1);
    expect(await repeated(restarted)).toEqual(first);
    expect(restarted.server.status()).toMatchObject({ commandsFailed: 0 });
  });

  test('nothing of what was thrown is in the snapshot', async () => {
    const rig = await leading(new Ledger(true));
    rig.ledger.thrown = new Error('the words of this version');
    await applied(rig, rig.server.openSession());
    await repeated(rig);
    rig.server.takeSnapshot();
    await rig.settle();
    const { header } = await readSnapshot(await snapshotOf(rig));
    expect(Buffer.from(header.sessions).toString('latin1')).not.toContain('words');
    const table = new SessionTable(header.settings);
    table.restore(header.sessions, header.settings);
    expect(table.keepsRefusals).toBe(true);
  });

  test('a format that is newer still is refused with a sentence', async () => {
    const rig = await leading();
    rig.server.takeSnapshot();
    await rig.settle();
    const reader = await snapshotOf(rig);
    const bytes = await reader.read(0, reader.sizeBytes);
    bytes[11] = 3;
    const read = readSnapshot({
      sizeBytes: bytes.length,
      read: async (from, max) => bytes.slice(from, from + max),
    });
    await expect(read).rejects.toThrow(SnapshotFormatError);
    await expect(read).rejects.toThrow('format 3, and this version reads formats up to 2');
  });
});

function snapshotOf(rig: Rig) {
  return rig.storage.openSnapshot(rig.storage.state.snapshot?.id ?? '');
}

async function formatOf(rig: Rig): Promise<number> {
  const bytes = await (await snapshotOf(rig)).read(0, 16);
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(8);
}

describe('whatever else of a state machine throws is told in a sentence', () => {
  test('a snapshot that cannot be taken', async () => {
    const rig = await leading();
    rig.ledger.snapshotTrouble = thrown;
    rig.server.takeSnapshot();
    await rig.settle();
    expect(rig.failures).toMatchObject([{ cause: thrown }]);
    expect(rig.failures[0]?.message).toContain(
      'Server a has stopped: a snapshot of everything through entry 1 (term 1) could not be taken: ' +
        'Cannot read properties of undefined',
    );
  });

  test('a snapshot that cannot be restored', async () => {
    const rig = await Rig.start();
    rig.ledger.snapshotTrouble = thrown;
    await rig.b.installLedger({ index: 9, term: 1, lines: [] });
    expect(rig.failures).toMatchObject([{ cause: thrown }]);
    expect(rig.failures[0]?.message).toContain(
      'through entry 9 (term 1) could not be restored: Cannot',
    );
  });

  test('a command that its codec cannot read stops, transactional or not', async () => {
    const rig = await Rig.start({ ledger: new Ledger(true) });
    const [entry] = commands(1, 1, 'x');
    await rig.b.append({
      entries: [{ ...entry!, bytes: Uint8Array.of(0x92, 1) }],
      leaderCommit: 1,
    });
    expect(rig.failures[0]?.message).toContain(
      'its codec cannot read the command of entry 1 (term 1)',
    );
  });

  test('a query that throws is rejected, and nothing else comes of it', async () => {
    const rig = await leading();
    const query = rig.server.query('throw');
    const answered = rig.server.query('lines');
    const failed = expect(query).rejects.toThrow('this ledger does not answer that');
    await rig.settle();
    await rig.b.acknowledge();
    await failed;
    expect(await answered).toMatchObject({ outcome: 'applied', result: [] });
    await expect(rig.server.query('throw', { consistency: 'stale' })).rejects.toThrow(RangeError);
    expect(rig.failures).toEqual([]);
  });
});
