/** What comes between the slices of a batch, and between restores that wait: turns, and reads. */
import { expect, test } from 'vitest';
import { DEFAULT_SESSION_SETTINGS } from '../../machines/rules/sessions.ts';
import { plainData } from '../../src/formats/plain-data.ts';
import { Applier, SLICE_ENTRIES_MAX } from '../../src/host/applier.ts';
import { Commands } from '../../src/host/commands.ts';
import { SessionTable } from '../../src/host/session-table.ts';
import { drainMicrotasks } from '../../src/simulation/drain-microtasks.ts';
import { pointerOf } from '../rules/states.ts';
import { Ledger } from './ledger.ts';
import { commands } from './peer.ts';

function applier() {
  const turns: (() => void)[] = [];
  const ledger = new Ledger();
  const told: number[] = [];
  const made = new Applier({
    commands: new Commands({
      id: 'a',
      stateMachine: ledger,
      commands: plainData(),
      results: plainData(),
      onRefused: () => undefined,
    }),
    sessions: new SessionTable(DEFAULT_SESSION_SETTINGS),
    calls: { applied: () => undefined, isAwaited: () => false, passedBySnapshot: () => undefined },
    leader: () => null,
    defer: (callback) => turns.push(callback),
    turns: {
      sliceEntriesMax: () => SLICE_ENTRIES_MAX,
      next: (callback) => turns.push(callback),
    },
    onApplied: (index) => told.push(index),
    onFailed: (error) => {
      throw error;
    },
  });
  return { applier: made, turn: () => turns.shift()?.(), turns, ledger, told };
}

const texts = (count: number) => Array.from({ length: count }, () => 'x');

test('other events have a turn between two slices, and what is applied by then is told', () => {
  const { applier: one, turn, turns, ledger, told } = applier();
  one.apply(commands(1, 1, ...texts(300)));
  one.apply(commands(301, 1, 'last'));
  turn();
  expect([ledger.lines.length, turns.length, told]).toEqual([256, 1, [256]]);
  turn();
  expect([ledger.lines.length, turns.length, told]).toEqual([300, 1, [256, 300]]);
  turn();
  expect([ledger.lines.length, turns.length, told]).toEqual([301, 0, [256, 300, 301]]);
});

test('a read that waits is answered between two slices, as soon as the state reflects its index', () => {
  const { applier: one, turn, ledger } = applier();
  const seen: number[] = [];
  one.apply(commands(1, 1, ...texts(600)));
  one.whenApplied(200, () => seen.push(ledger.lines.length));
  one.whenApplied(257, () => seen.push(ledger.lines.length));
  turn();
  expect(seen).toEqual([256]);
  turn();
  expect(seen).toEqual([256, 512]);
});

test('reads wait until the last of the restores that wait is done: the first is not their state', async () => {
  const { applier: one, turn } = applier();
  const gates: (() => void)[] = [];
  const restore = () => new Promise<void>((resolve) => gates.push(resolve));
  one.restore({ snapshot: pointerOf(5, 1), restore });
  one.restore({ snapshot: pointerOf(9, 1), restore });
  const seen: string[] = [];
  one.whenApplied(0, () => seen.push('before'));
  turn();
  gates.shift()?.();
  await drainMicrotasks();
  one.whenApplied(0, () => seen.push('between'));
  expect([one.last.index, seen]).toEqual([5, []]);
  gates.shift()?.();
  await drainMicrotasks();
  expect([one.last.index, seen]).toEqual([9, ['before', 'between']]);
});
