/** Prints our machines, laid out, as JSON: what the pages draw (`virtual:charts`). */
import { machines } from '../../machines/index.ts';
import { chartOf } from './chart.ts';
import { layOutChart } from './layout.ts';

const charts = await Promise.all(
  Object.entries(machines).map(
    async ([name, machine]) => [name, await layOutChart(chartOf(machine))] as const,
  ),
);
process.stdout.write(`${JSON.stringify(Object.fromEntries(charts))}\n`);
