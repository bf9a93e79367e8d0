/** All commands, and how they end. Only the one that is asked for is loaded. */

import { packageVersion } from '../node/this-package.ts';
import { Command, CommanderError } from '../vendor/commander.ts';
import { COMMANDS } from './command-list.ts';
import { type CommandRow, defineCommand, describeCommand } from './command-table.ts';
import { unknownVariables } from './environment.ts';
import { EXIT, ExitError, errorLine } from './exit-codes.ts';
import { FOOTER, HELP_FORMAT } from './help.ts';
import type { LogOptions } from './log.ts';
import { ignoreBrokenOutput, printError } from './output.ts';

/** These are configured once and run for long: a misspelt variable would go unnoticed. */
const LONG_RUNNING: readonly string[] = ['cluster', 'server'];

const PROGRAM: CommandRow = {
  name: 'statecraft',
  what: 'A replicated key/value store: Raft as statecharts.',
  examples: [
    'statecraft cluster                    # three servers on this machine',
    'statecraft put greeting hello         # in another terminal',
    'statecraft get greeting',
    'statecraft put --help                 # what a command takes',
  ],
};

/**
 * The program, to parse those words with: the command that they name is whole, the others are only
 * listed. Without words, all are whole.
 */
export async function createProgram(words?: readonly string[]): Promise<Command> {
  const program = new Command(PROGRAM.name)
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand('help [command]', 'Show the help of a command')
    .configureHelp(HELP_FORMAT)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .addHelpText('afterAll', FOOTER)
    .hook('preAction', (_, command) => warnOfVariables(command));
  const named = words && namedIn(words);
  for (const row of COMMANDS) {
    const command = describeCommand(program.command(row.name), row);
    if (named === undefined || named === row.name) defineCommand(command, await row.load());
  }
  return defineCommand(describeCommand(program, PROGRAM), PROGRAM);
}

/** The program itself has no option with a value, so the first word that is none is its command. */
function namedIn(words: readonly string[]): string | null {
  const [first, second] = words.filter((word) => !word.startsWith('-'));
  return (first === 'help' ? second : first) ?? null;
}

async function warnOfVariables(command: Command): Promise<void> {
  const { parent } = command;
  if (!LONG_RUNNING.includes(command.name()) || parent?.parent !== null) return;
  // Another command may have it: all of them are loaded only then.
  if (unknownVariables(command, process.env).length === 0) return;
  const { createLog } = await import('./log.ts');
  const log = createLog(command.opts<LogOptions>());
  for (const message of unknownVariables(await createProgram(), process.env)) {
    log({ level: 'warn', event: 'unknown_variable', message, server: null });
  }
}

function usageLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
  return `statecraft: ${line}${/[.?)]$/.test(line) ? '' : ';'} see --help\n`;
}

/**
 * Sets the exit code; the process ends by itself when nothing is left to do.
 * @param argv - Node.js, the script, and the words after them
 */
export async function run(argv: readonly string[]): Promise<void> {
  ignoreBrokenOutput();
  try {
    const program = await createProgram(argv.slice(2));
    await program.parseAsync(argv);
  } catch (error) {
    process.exitCode = exitCodeOf(error);
  }
}

function exitCodeOf(error: unknown): number {
  if (error instanceof CommanderError) {
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  printError(errorLine(error));
  return error instanceof ExitError ? error.exitCode : EXIT.failed;
}
