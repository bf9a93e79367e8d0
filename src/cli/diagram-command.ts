/** `statecraft diagram`: a machine as a Mermaid text, a picture or a table, on stdout. */
import { type Command, Option } from 'commander';
import { mermaid, svg, transitionTable } from '#diagram/index';
import { chosenMachine, KNOWN } from './machine-choice.ts';

interface Options {
  readonly machine: string;
  readonly format: 'mermaid' | 'svg' | 'table';
  readonly brief: boolean;
}

const EXAMPLES = `
Examples:
  statecraft diagram --machine server --format svg > server.svg
  statecraft diagram --machine session --format table
  statecraft diagram --machine ./traffic-light.js#machine`;

export function addDiagramCommand(program: Command): void {
  program
    .command('diagram')
    .description('Draw a state machine: ours, or any of XState.')
    .requiredOption(
      `--machine <${KNOWN.replaceAll(', ', '|')}|./file.js#export>`,
      'one of ours, or an export of a file (the default one if none is named)',
    )
    .addOption(
      new Option('--format <format>', 'what to write on stdout')
        .choices(['mermaid', 'svg', 'table'])
        .default('mermaid'),
    )
    .option('--brief', 'svg only: states and arrows, without actions and what stays inside', false)
    .addHelpText('after', EXAMPLES)
    .action(draw);
}

async function draw({ machine: choice, format, brief }: Options): Promise<void> {
  // Whoever reads may have seen enough, as `head` has: that is no failure.
  process.stdout.on('error', () => {});
  const machine = await chosenMachine(choice);
  if (format === 'mermaid') process.stdout.write(mermaid(machine));
  else if (format === 'table') process.stdout.write(transitionTable(machine));
  else process.stdout.write(await svg(machine, { isBrief: brief }));
}
