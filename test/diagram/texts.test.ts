/** Mermaid and tables, where names come from anywhere. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { chartOf, mermaid, transitionTable } from '../../src/diagram/index.ts';
import { colliding } from './colliding-machines.ts';
import { odd } from './odd-machines.ts';

const all = Object.entries({ ...machines, ...odd, ...colliding });

/** What of Mermaid's grammar was seen to render, with any name in it. */
const text = String.raw`(?:[^;#"<>&%{}|*$\u0060]|#\d+;|<br\/>)+`;
const grammar = [
  /^stateDiagram-v2$/,
  /^ {2}direction TB$/,
  new RegExp(`^ +state "${text}" as \\w+(?: \\{)?$`),
  /^ +\}$/,
  /^ +--$/,
  new RegExp(`^ +(?:\\[\\*\\]|\\w+) --> (?:\\[\\*\\]|\\w+)(?: : ${text})?$`),
  new RegExp(`^ +\\w+ : ${text}$`),
  /^ +note right of \w+$/,
  /^ +end note$/,
  new RegExp(`^ +${text}$`),
];

describe.each(all)('%s as a text', (_name, machine) => {
  it('uses no sign that means something to Mermaid', () => {
    for (const line of mermaid(machine).trimEnd().split('\n')) {
      expect(
        grammar.some((form) => form.test(line)),
        line,
      ).toBe(true);
    }
  });

  it('has the same six columns in each row of its table, one below the other', () => {
    const rows = transitionTable(machine).trimEnd().split('\n');
    for (const row of rows) expect(row.split(/(?<!\\)\|/).length, row).toBe(8);
    expect(new Set(rows.map((row) => [...row].length)).size).toBe(1);
  });
});

describe('the Mermaid text', () => {
  it('gives states that differ only in signs names of their own', () => {
    const names = [...mermaid(odd.hostile).matchAll(/ as (\w+)/g)].map(([, name]) => name);
    expect(new Set(names).size).toBe(chartOf(odd.hostile).states.length);
  });

  it('draws no dividing line where an arrow would cross it', () => {
    expect(mermaid(odd.twins)).not.toMatch(/^ +--$/m);
    expect(mermaid(odd.player)).toMatch(/^ +--$/m);
  });

  it('leads final states to the end, and shows a machine without states', () => {
    expect(mermaid(odd.inline)).toContain('inline_there --> [*]');
    expect(mermaid(odd.single)).toContain('state "single" as single_');
  });
});

describe('what the whole machine does about an event', () => {
  const lines = mermaid(odd.resettable)
    .split('\n')
    .map((line) => line.trim());

  it('leads from each state that is no end, and restarts the one it leads to', () => {
    expect(lines.filter((line) => line.includes('RESET'))).toEqual([
      'all_idle : RESET ↻',
      'all_busy --> all_idle : RESET',
    ]);
  });
});

describe('the guide', () => {
  it('shows the Mermaid text that its example gives', () => {
    const guide = readFileSync(new URL('../../docs/guide/diagrams.md', import.meta.url), 'utf8');
    expect(guide).toContain(mermaid(odd.light));
  });
});

describe('the table', () => {
  const rowOf = (table: string, ...cells: readonly string[]) =>
    table.split('\n').find((row) => cells.every((cell) => row.includes(cell)));

  it('marks what leads back with ↻, also into a state inside', () => {
    const table = transitionTable(machines.server);
    expect(rowOf(table, '`grantVote`', 'follower.waiting')).toMatch(/\| ↻ +\|$/);
    expect(rowOf(table, '`forgetLeader`', 'follower.suspecting')).toMatch(/\| +\|$/);
  });

  it('says what is done about nothing, by whom, and where it leads, all of it', () => {
    const table = transitionTable(odd.player);
    expect(rowOf(table, '`*`')).toContain('*nothing*');
    expect(rowOf(table, '*invoke*')).toContain('`loadTrack`');
    expect(rowOf(table, '`onError loadTrack`')).toContain('stopped');
    expect(rowOf(table, '`skip`')).toContain('playing.sound.loud and playing.light.on');
    expect(rowOf(table, '`skip`')).toContain('`(isOnline and not isMuted)`');
    expect(rowOf(table, '**playing.where**')).toContain('*history, deep*');
    expect(rowOf(transitionTable(odd.inline), '`go`', '*else*')).toContain('`(inline)`');
  });

  it('says how much is remembered, and where it leads while there is nothing', () => {
    const table = transitionTable(odd.given);
    const cells = (name: string) =>
      rowOf(table, `**second.${name}**`)
        ?.split('|')
        .map((cell) => cell.trim())
        .slice(2, -1);
    expect(cells('again')).toEqual(['*history*', '', '', '', '']);
    expect(cells('before')).toEqual(['*history, deep*', '*at first*', '', 'second.b', '']);
    expect(cells('elsewhere')).toEqual(['*history*', '*at first*', '', 'third', '']);
  });

  it('marks the states where those around them begin, and no others', () => {
    const marked = [...transitionTable(odd.given).matchAll(/\*\*(\S+)\*\* •/g)];
    expect(marked.map(([, name]) => name)).toEqual(['first', 'second.a']);
  });

  it('says what guards and actions are given, where that is no code', () => {
    const table = transitionTable(odd.given);
    expect(rowOf(table, '`isOver`')).toContain('`isOver` (amount: 10, unit: "EUR")');
    expect(rowOf(table, 'not isOver')).toContain('`not isOver` (amount: 5, unit: "EUR")');
    expect(rowOf(table, '*entry*')).toContain('`say` (text: "a\\|b", words: \\[…\\])');
    expect(rowOf(table, '`compute`')).toMatch(/\| `say` +\|/);
  });

  it('calls functions by the names their authors gave them', () => {
    const row = rowOf(transitionTable(odd.given), '`name`');
    expect(row).toContain('`isLarge`');
    expect(row).toContain('`greet`, `(inline)`');
    expect(mermaid(odd.given)).toContain('name [isLarge]');
  });
});
