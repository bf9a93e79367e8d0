/** `statecraft diagram`: a machine as a Mermaid text, a picture or a table, on stdout. */

import { mermaid, svg, transitionTable } from '../diagram/index.ts';
import { type Command, Option } from '../vendor/commander.ts';
import { withExamples } from './help.ts';
import { chosenMachine, isOurs, KNOWN } from './machine-choice.ts';

interface Options {
  readonly machine: string;
  readonly format: 'mermaid' | 'svg' | 'table';
  readonly brief: boolean;
}

const EXAMPLES = [
  'statecraft diagram --machine server --format svg > server.svg',
  'statecraft diagram --machine request --format table',
  'statecraft diagram --machine ./traffic-light.js#machine',
];

export function addDiagramCommand(program: Command): void {
  const command = program
    .command('diagram')
    .description('Draw a state machine, ours or any of XState: on stdout.')
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
    .action(run);
  withExamples(command, EXAMPLES);
}

async function run(options: Options): Promise<void> {
  // Whoever reads may have seen enough, as `head` has: that is no failure.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  if (isOurs(options.machine)) {
    process.stdout.write(await drawn(options));
    return;
  }
  const write = process.stdout.write.bind(process.stdout);
  // What a file of somebody else's prints is no part of the picture.
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    const text = await drawn(options);
    // All of it, before the end: whoever reads may be slow.
    await new Promise((resolve) => write(text, resolve));
  } finally {
    // Timers, sockets and actors that it left behind are nobody's any more.
    setImmediate(() => process.stderr.write('', () => process.exit()));
  }
}

async function drawn({ machine: choice, format, brief }: Options): Promise<string> {
  const machine = await chosenMachine(choice);
  if (format === 'mermaid') return mermaid(machine);
  return format === 'table' ? transitionTable(machine) : svg(machine, { isBrief: brief });
}
