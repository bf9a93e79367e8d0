/** `takeSnapshot()`: what a server does by itself when enough was applied (§7), when one asks. */
import { expect, test } from 'vitest';
import { DEFAULT_PARAMETERS } from '../../machines/rules/parameters.ts';
import { encodeSettings } from '../../machines/rules/sessions.ts';
import type { ServerState } from '../../machines/rules/state.ts';
import { LogAtRest } from '../../src/host/log-at-rest.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { BYTES_OF_ENTRY, pointerOf, serverOf } from '../rules/states.ts';
import { command, commands } from './peer.ts';
import { Rig } from './rig.ts';

const parameters = { ...DEFAULT_PARAMETERS, trailingEntries: 0 };
const snapshotOf = ({ storage }: Rig) => storage.state.snapshot;

/** It follows b, and has applied two entries. */
async function follower(): Promise<Rig> {
  const rig = await Rig.start({ parameters });
  await rig.b.append({ entries: commands(1, 1, 'x', 'y'), leaderCommit: 2 });
  expect(rig.server.status()).toMatchObject({ appliedIndex: 2, snapshotIndex: 0 });
  return rig;
}

test('a snapshot that is asked for holds what is applied, and cuts the log', async () => {
  const rig = await follower();
  rig.server.takeSnapshot();
  await rig.settle();
  expect(rig.server.status()).toMatchObject({ appliedIndex: 2, snapshotIndex: 2 });
  expect(snapshotOf(rig)).toMatchObject({ index: 2, term: 1 });
  const after = await Rig.start({ parameters, storage: rig.storage });
  expect(after.ledger.lines.map(({ text }) => text)).toEqual(['x', 'y']);
});

test('its settings are those of its last entry, not of what the log has behind it', async () => {
  const rig = await Rig.start({ parameters });
  const before = rig.storage.state.base.settings;
  const later = { ...before, sessionsMax: 7 };
  const change = command(2, 1, '', { type: 'settings', bytes: encodeSettings(later) });
  const entries = [...commands(1, 1, 'x'), change];
  await rig.b.append({ entries, leaderCommit: 1 });
  rig.server.takeSnapshot();
  await rig.settle();
  expect(snapshotOf(rig)).toMatchObject({ index: 1, settings: before });
  await rig.b.append({ prevLogIndex: 2, prevLogTerm: 1, leaderCommit: 2 });
  rig.server.takeSnapshot();
  await rig.settle();
  expect(snapshotOf(rig)).toMatchObject({ index: 2, settings: later });
});

test('asked again, with nothing applied since, it takes none', async () => {
  const rig = await follower();
  rig.server.takeSnapshot();
  await rig.settle();
  const first = snapshotOf(rig);
  const { length } = rig.storage.writes;
  rig.server.takeSnapshot();
  rig.server.takeSnapshot();
  await rig.settle();
  expect(snapshotOf(rig)).toBe(first);
  expect(rig.storage.writes).toHaveLength(length);
});

test('asked in the middle of a command, it waits until the command is applied', async () => {
  const rig = await Rig.start({ parameters });
  const { apply } = rig.ledger;
  rig.ledger.apply = (command, at) => {
    rig.server.takeSnapshot();
    return apply.call(rig.ledger, command, at);
  };
  await rig.b.append({ entries: commands(1, 1, 'x', 'y'), leaderCommit: 2 });
  await rig.settle();
  expect(rig.server.status()).toMatchObject({ snapshotIndex: 2 });
});

test('a server that is stopping, or has stopped, takes none', async () => {
  const rig = await follower();
  const stopped = rig.server.stop();
  rig.server.takeSnapshot();
  await stopped;
  rig.server.takeSnapshot();
  expect(snapshotOf(rig)).toBeNull();
});

test('a log at rest is cut, though not enough was applied for a snapshot', async () => {
  const rig = await Rig.start({ parameters: { ...parameters, trailingBytes: 1_000 } });
  const first = commands(1, 1, 'x'.repeat(100));
  await rig.b.append({ entries: first, leaderCommit: 1 });
  await rig.advance(10_000);
  expect(rig.server.status()).toMatchObject({ appliedIndex: 1, snapshotIndex: 0 });
  const second = commands(2, 1, 'y'.repeat(100));
  await rig.b.append({ prevLogIndex: 1, prevLogTerm: 1, entries: second, leaderCommit: 2 });
  await rig.advance(1_000);
  const third = commands(3, 1, 'z');
  await rig.b.append({ prevLogIndex: 2, prevLogTerm: 1, entries: third, leaderCommit: 3 });
  await rig.advance(2_999);
  expect(rig.server.status()).toMatchObject({ appliedIndex: 3, snapshotIndex: 0 });
  await rig.advance(1);
  expect(rig.server.status()).toMatchObject({ appliedIndex: 3, snapshotIndex: 3 });
});

/** What notes that the log rests, over a state that the test changes. */
function restOf(given: Parameters<typeof serverOf>[0]) {
  const clock = new VirtualClock();
  const state = serverOf(given) as { -readonly [Key in keyof ServerState]: ServerState[Key] };
  const wanted: number[] = [];
  const rest = new LogAtRest({
    clock,
    state: () => state,
    wantSnapshot: () => wanted.push(clock.now()),
  });
  const noteApplied = (index: number) => {
    state.lastApplied = index;
    rest.noteApplied(index);
  };
  const advanceTo = (ms: number) => {
    while (clock.fireNext(ms));
    clock.advanceTo(ms);
  };
  return { state, noteApplied, advanceTo, wanted };
}

test('a log at rest is cut after a snapshot that was under way', () => {
  const { state, noteApplied, advanceTo, wanted } = restOf({
    ...{ log: '1 1 1', parameters: { trailingBytes: 100 } },
    isTakingSnapshot: true,
  });
  noteApplied(3);
  advanceTo(2_000);
  expect(wanted).toEqual([]);
  state.isTakingSnapshot = false;
  advanceTo(10_000);
  expect(wanted).toEqual([4_000]);
});

test('what stays behind a snapshot anyway is no reason for the next one', () => {
  const { state, noteApplied, advanceTo, wanted } = restOf({
    ...{ log: '1 1 1 1 1', parameters: { trailingBytes: 4 * 2 * BYTES_OF_ENTRY } },
    snapshot: { ...pointerOf(2, 1), sizeBytes: 0 },
  });
  noteApplied(4);
  advanceTo(10_000);
  expect(wanted).toEqual([]);
  noteApplied(5);
  advanceTo(20_000);
  expect(wanted).toEqual([12_000]);
  state.snapshot = { ...pointerOf(2, 1), sizeBytes: 4 * 3 * BYTES_OF_ENTRY };
  noteApplied(5);
  advanceTo(30_000);
  expect(wanted, 'nor is little beside what a snapshot writes').toHaveLength(1);
});

test('what was cut is not held by what the machine was started with', async () => {
  const rig = await Rig.start({ parameters });
  await rig.b.append({ entries: commands(1, 1, 'x', 'y'), leaderCommit: 2 });
  const restarted = await Rig.start({ parameters, storage: rig.storage });
  const actors: unknown[] = [];
  restarted.server.inspect$.subscribe(({ actorRef }) => actors.push(actorRef));
  const [{ options }] = actors as [
    { options: { input: { stored: { log: { lastIndex: number } } } } },
  ];
  expect(options.input.stored).not.toHaveProperty('entries');
  expect(options.input.stored.log.lastIndex).toBe(0);
});
