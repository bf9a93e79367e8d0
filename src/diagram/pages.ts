/** The pages drawn from our own machines: `machines/README.md`, and the region of the README that shows the roles. */
import { machines } from '../../machines/index.ts';
import { bundlesOf } from './bundles.ts';
import { type ChartState, chartOf } from './chart.ts';
import { layOutChart } from './layout.ts';
import { mermaidIds } from './mermaid-text.ts';
import { stateDiagram } from './state-diagram.ts';
import { svgOf } from './svg.ts';
import { tableOf } from './transition-table.ts';

const server = chartOf(machines.server.root);

/** The three roles, as the README shows them, and behind a fold all of it. */
function overview(): string {
  return [
    fenced(overviewDiagram(server)),
    '<details><summary>The same machine with every state, guard and action: the picture is drawn ' +
      'from the code</summary>\n',
    '![Statechart of the server machine](docs/pictures/server.svg)\n',
    '</details>\n',
    '`statecraft diagram` draws this, and your own machines: [how](docs/guide/diagrams.md).\n',
  ].join('\n');
}

/** Each machine's chart with a sentence on what it is. */
const described = [
  {
    chart: server,
    title: 'Server',
    about:
      'Figure 2, "Rules for Servers". A message comes in as `rpc.received` and passes the term ' +
      'gate; what the gate admits is raised under its own name, and handled by the role that the ' +
      'server then has (`server.ts`, `follower.ts`, `candidate.ts`, `leader.ts`).',
  },
  {
    chart: chartOf(machines.replication.root),
    title: 'Replication',
    about:
      'One per follower while its server leads: what to send next, how far ahead, and when to send ' +
      'it again (`replication.ts`). It decides nothing about safety.',
  },
  {
    chart: chartOf(machines.request.root),
    title: 'Request',
    about:
      "A client's request: find the leader, repeat where that is harmless, and report the outcome " +
      '(`request.ts`; §8).',
  },
];

/** `machines/README.md`: every machine as a picture and as a table. */
export function machinesReadme(): string {
  return [
    '# The machines',
    'Generated from the machines by `npm run diagrams`; a test compares. The rules they call are in ' +
      '[`rules/`](rules/), and [`docs/paper-map.md`](../docs/paper-map.md) leads from the paper to them.',
    'In pictures and tables *↻* leads back to its own state, or to one inside or around it, and ' +
      'restarts the timers there; `[else]` is taken when the guards before it are false, and ' +
      '`[else guard]` is evaluated only then. An arrow that begins under the head of a box applies to ' +
      'every state in that box. Events in a head are handled without leaving the state, or ' +
      'deliberately ignored (*nothing*). In a table a dot marks initial states.',
    '## Overview',
    fenced(overviewDiagram(server)).trimEnd(),
    ...described.flatMap(sectionOf),
  ]
    .join('\n\n')
    .concat('\n');
}

function sectionOf({ chart, title, about }: (typeof described)[number]): string[] {
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

/** A Mermaid diagram as Markdown shows it. */
function fenced(diagram: string): string {
  return `\`\`\`mermaid\n${diagram}\`\`\`\n`;
}

/** In the order they are said. An arrow that has no words yet is shown by its label. */
const words: Readonly<Record<string, string>> = {
  'after electionTimeout': 'election timeout',
  'after electionTimeoutRest': 'election timeout',
  'after lostLeaderWait': 'leader lost',
  'TimeoutNow [mayCampaignAtOnce] → vote': 'leadership transfer',
  '[wonElection]': 'majority of votes',
  'rpc.received [else mayAdoptTerm]': 'newer term',
  'RequestVote [mayGrantVote]': 'grants a vote',
  AppendEntries: 'hears from a leader',
  InstallSnapshot: 'hears from a leader',
  'after quorumCheckInterval': 'no majority answers',
};

/**
 * The server machine in one glance, as Figure 4 of the paper draws it: the three roles, and in a few
 * words what leads from one to the next. The arrows come from the machine; only the words are here.
 */
function overviewDiagram(root: ChartState): string {
  const lines = ['stateDiagram-v2', '  direction LR'];
  const ids = mermaidIds(root);
  const mermaidId = (id: string) => ids.get(id);
  if (root.initial !== null) lines.push(`  [*] --> ${mermaidId(root.initial)}`);
  for (const { id, key, states } of root.states) {
    lines.push(`  state "${key}" as ${mermaidId(id)}`);
    lines.push(`  ${mermaidId(id)} : ${states.map((state) => state.key).join(' · ')}`);
  }
  for (const { within, from, to, labels } of bundlesOf(root)) {
    if (within !== root.id) continue;
    const order = Object.keys(words);
    const sorted = [...labels].sort((a, b) => order.indexOf(a) - order.indexOf(b));
    const said = [...new Set(sorted.map((label) => words[label] ?? label))];
    lines.push(`  ${mermaidId(from)} --> ${mermaidId(to)} : ${said.join('<br/>')}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Each machine as a picture, and the largest in brief too, by the file it belongs into. */
export async function pictures(): Promise<Readonly<Record<string, string>>> {
  const drawn = { 'server-brief': svgOf(await layOutChart(server, { isBrief: true })) };
  for (const [name, { root }] of Object.entries(machines)) {
    Object.assign(drawn, { [name]: svgOf(await layOutChart(chartOf(root))) });
  }
  return Object.fromEntries(
    Object.entries(drawn).map(([name, picture]) => [`docs/pictures/${name}.svg`, picture]),
  );
}

const startMarker = '<!-- diagram:start -->';
const endMarker = '<!-- diagram:end -->';

/** The README with its overview drawn anew; the very same text when it has no place for one. */
export function withOverview(readme: string): string {
  const start = readme.indexOf(startMarker);
  const end = readme.indexOf(endMarker);
  if (start === -1 || end < start) return readme;
  return `${readme.slice(0, start)}${startMarker}\n\n${overview()}\n${readme.slice(end)}`;
}
