/** `statecraft diagram`: a machine as a Mermaid text, a picture or a table, on stdout. */

import { mermaid, svg, transitionTable } from '../diagram/index.ts';
import type { CommandDetails } from './command-table.ts';
import { chosenMachine, isBuiltIn, KNOWN } from './machine-choice.ts';

interface Options {
  readonly machine: string;
  readonly format: 'mermaid' | 'svg' | 'table';
  readonly brief: boolean;
}

export const DIAGRAM_COMMAND: CommandDetails = {
  options: {
    [`--machine <${KNOWN.replaceAll(', ', '|')}|./file.js#export>`]: {
      what: 'one of ours, or an export of a file (its default export if none is named)',
      isRequired: true,
    },
    '--format <format>': {
      what: 'what to write on stdout',
      choices: ['mermaid', 'svg', 'table'],
      byDefault: 'mermaid',
    },
    '--brief': 'svg only: states and arrows, without actions and internal transitions',
  },
  examples: [
    'statecraft diagram --machine server --format svg > server.svg',
    'statecraft diagram --machine request --format table',
    'statecraft diagram --machine ./traffic-light.js#machine',
  ],
  runCommandLine: run,
};

async function run(options: Options): Promise<void> {
  if (isBuiltIn(options.machine)) {
    process.stdout.write(await drawn(options));
    return;
  }
  const write = process.stdout.write.bind(process.stdout);
  // What the loaded file prints must not become part of the picture.
  process.stdout.write = process.stderr.write.bind(process.stderr) as typeof write;
  try {
    const text = await drawn(options);
    // All of it before the process ends: the reader may be slow.
    await new Promise((resolve) => write(text, resolve));
  } finally {
    // The loaded file may have left timers, sockets and actors behind.
    setImmediate(() => process.stderr.write('', () => process.exit()));
  }
}

async function drawn({ machine: choice, format, brief }: Options): Promise<string> {
  const machine = await chosenMachine(choice);
  if (format === 'mermaid') return mermaid(machine);
  return format === 'table' ? transitionTable(machine) : svg(machine, { isBrief: brief });
}
