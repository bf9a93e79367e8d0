/** `machines/README.md`: every machine as a picture and as a table. */
import type { ChartState } from './chart.ts';
import { overviewDiagram } from './overview.ts';
import { stateDiagram } from './state-diagram.ts';
import { tableOf } from './transition-table.ts';

/** One machine's chart with a sentence on what it is. */
export interface Described {
  readonly chart: ChartState;
  readonly title: string;
  readonly about: string;
}

/** A Mermaid diagram as Markdown shows it. */
export function fenced(diagram: string): string {
  return `\`\`\`mermaid\n${diagram}\`\`\`\n`;
}

export function machinesPage(server: ChartState, machines: readonly Described[]): string {
  return [
    '# The machines',
    'Generated from the machines by `npm run diagrams`; a test compares. The rules they ask are in ' +
      '[`rules/`](rules/), and [`docs/paper-map.md`](../docs/paper-map.md) leads from the paper to them.',
    'In pictures and tables *↻* leads back to the state it stands in, or to one inside or around it, ' +
      'and restarts what timers are there; `[else]` is taken when the guards before it say no, and ' +
      '`[else guard]` only asks then. An arrow ' +
      'that begins under the head of a box counts in every state in that box. What is written in a ' +
      'head is answered without leaving the state, or deliberately ignored (*nothing*). In a table a ' +
      'dot marks where a state begins.',
    '## Overview',
    fenced(overviewDiagram(server)).trimEnd(),
    ...machines.flatMap(sectionOf),
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionOf({ chart, title, about }: Described): string[] {
  return [
    `## ${title}`,
    about,
    `![Statechart of the ${chart.id} machine](../docs/pictures/${chart.id}.svg)`,
    '<details><summary>The same as a Mermaid diagram</summary>',
    fenced(stateDiagram(chart)).trimEnd(),
    '</details>',
    tableOf(chart).trimEnd(),
  ];
}
