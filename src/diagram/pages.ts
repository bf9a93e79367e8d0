/** The pages drawn from our own machines, and the region of the README that shows the roles. */
import { machines } from '../../machines/index.ts';
import { chartOf } from './chart.ts';
import { layOutChart } from './layout.ts';
import { fenced, machinesPage } from './machines-page.ts';
import { overviewDiagram } from './overview.ts';
import { svgOf } from './svg.ts';

const server = chartOf(machines.server.root);

/** The three roles, as the README shows them, and behind a fold all of it. */
export function overview(): string {
  return [
    fenced(overviewDiagram(server)),
    '<details><summary>The same machine with every state, guard and action: the picture is drawn ' +
      'from the code</summary>\n',
    '![Statechart of the server machine](docs/pictures/server.svg)\n',
    '</details>\n',
    '`statecraft diagram` draws this, and your own machines: [how](docs/guide/diagrams.md).\n',
  ].join('\n');
}

export function machinesReadme(): string {
  return machinesPage(server, [
    {
      chart: server,
      title: 'Server',
      about:
        'Figure 2, "Rules for Servers". A message comes in as `rpc.received` and passes the term ' +
        'gate; what the gate admits is raised as itself, and handled by whatever role the server has ' +
        'by then (`server.ts`, `follower.ts`, `candidate.ts`, `leader.ts`).',
    },
    {
      chart: chartOf(machines.replication.root),
      title: 'Replication',
      about:
        'One for each follower, alive while its server leads: what to send next, how far ahead, and ' +
        'when to send it again (`replication.ts`). It decides nothing about safety.',
    },
    {
      chart: chartOf(machines.request.root),
      title: 'Request',
      about:
        "A client's request on its way: find the leader, repeat where that is harmless, and know in " +
        'the end what became of it (`request.ts`; §8).',
    },
  ]);
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
