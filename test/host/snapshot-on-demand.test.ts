/** `takeSnapshot()`: what a server does by itself when enough was applied (§7), when one asks. */
import { expect, test } from 'vitest';
import { DEFAULT_PARAMETERS } from '../../machines/rules/parameters.ts';
import { LogAtRest } from '../../src/host/log-at-rest.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';
import { serverOf } from '../rules/states.ts';
import { commands } from './peer.ts';
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

test('a log at rest is cut after a snapshot that was under way', () => {
  const clock = new VirtualClock();
  const state = {
    ...serverOf({ log: '1 1 1', parameters }),
    lastApplied: 3,
    isTakingSnapshot: true,
  };
  let wanted = 0;
  const rest = new LogAtRest({
    clock,
    state: () => ({ ...state, parameters: { ...state.parameters, trailingBytes: 100 } }),
    wantSnapshot: () => {
      wanted += 1;
    },
  });
  rest.noteApplied(3);
  clock.advanceTo(2_000);
  while (clock.fireNext(2_000));
  expect(wanted).toBe(0);
  state.isTakingSnapshot = false;
  while (clock.fireNext(4_000));
  expect(wanted).toBe(1);
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
