/** The pictures and tables of the machines are drawn from the machines, and up to date. */
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { bundlesOf } from '../../src/diagram/bundles.ts';
import { chartOf, statesWithin } from '../../src/diagram/chart.ts';
import { machinesReadme, pictures, withOverview } from '../../src/diagram/pages.ts';
import { stateDiagram } from '../../src/diagram/state-diagram.ts';
import { tableOf } from '../../src/diagram/transition-table.ts';
import { read } from './source-files.ts';

const advice = 'run `npm run diagrams`, and look at the picture';
const charts = Object.entries(machines).map(([name, machine]) => ({
  name,
  chart: chartOf(machine.root),
}));

/** The part of Mermaid's grammar that the diagrams use. */
const grammar = [
  /^stateDiagram-v2$/,
  /^ {2}direction (?:TB|LR)$/,
  /^ +state "\w+" as \w+(?: \{)?$/,
  /^ +\}$/,
  /^ +--$/,
  /^ +(?:\[\*\]|\w+) --> \w+(?: : [^;#"]+)?$/,
  /^ +\w+ : [^;#":]+$/,
  /^ +note right of \w+$/,
  /^ +end note$/,
  /^ +[\w. [\]→↻/]+$/,
];

describe('machines/README.md', () => {
  it('is what the machines say', () => {
    expect(read('machines/README.md'), advice).toBe(machinesReadme());
  });

  it('has the three roles in the main README too', () => {
    const readme = read('README.md');
    expect(readme, 'README.md has a place for the overview').toContain('<!-- diagram:start -->');
    expect(readme, advice).toBe(withOverview(readme));
  });
});

describe('docs/pictures', () => {
  it('are what the machines say', async () => {
    for (const [path, picture] of Object.entries(await pictures())) {
      expect(read(path) === picture, `${path} is as drawn; if not, ${advice}`).toBe(true);
    }
  }, 60_000);
});

describe.each(charts)('the diagram of $name', ({ chart }) => {
  it('uses no more of Mermaid than was seen to render', () => {
    for (const line of stateDiagram(chart).trimEnd().split('\n')) {
      expect(
        grammar.some((form) => form.test(line)),
        line,
      ).toBe(true);
    }
  });

  it('shows every state', () => {
    const diagram = stateDiagram(chart);
    const inner = statesWithin(chart).filter((state) => state !== chart);
    expect(inner.length).toBeGreaterThan(0);
    for (const { id } of inner) expect(diagram).toContain(` as ${id.replaceAll('.', '_')}`);
  });

  it('draws at most one arrow from one state to another', () => {
    const ends = bundlesOf(chart).map(({ from, to }) => `${from} ${to}`);
    expect(new Set(ends).size).toBe(ends.length);
  });

  it('has each guard and action of the machine in its table', () => {
    const table = tableOf(chart);
    for (const { arrows, entry, exit } of statesWithin(chart)) {
      const names = [...entry, ...exit, ...arrows.flatMap(({ actions }) => actions)];
      const guards = arrows.map(({ guard }) => guard).filter((guard) => guard !== '');
      for (const name of [...names, ...guards]) expect(table).toContain(`\`${name}\``);
    }
  });
});
