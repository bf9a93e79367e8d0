/** All commands, and how they end. */
import { type Command, CommanderError } from '../vendor/commander.ts';
import { addCertificatesCommand } from './certificates-command.ts';
import { addClusterCommand } from './cluster-command.ts';
import { addCommand } from './command-table.ts';
import { addDeleteCommand } from './delete-command.ts';
import { addDiagramCommand } from './diagram-command.ts';
import { CommandWithVariables, readVariables, unknownVariables } from './environment.ts';
import { EXIT, ExitError, errorLine } from './exit-codes.ts';
import { addHealthCommand } from './health-command.ts';
import { FOOTER, HELP_FORMAT, withExamples } from './help.ts';
import { addKeyCommands } from './key-commands.ts';
import { addKeyFileCommands } from './key-file-commands.ts';
import { addListCommand } from './list-command.ts';
import { createLog, type LogOptions } from './log.ts';
import { printError, printLine } from './output.ts';
import { addPlaygroundCommand } from './playground-command.ts';
import { addServerCommand } from './server-command.ts';
import { addStatusCommand } from './status-command.ts';
import { addTokenCommand } from './token-command.ts';
import { VERSION } from './version.ts';

/** These are configured once and run for long: a misspelt variable would go unnoticed. */
const LONG_RUNNING: readonly string[] = ['cluster', 'server'];

export function createProgram(): Command {
  const program = new CommandWithVariables('statecraft')
    .description('A replicated key/value store: Raft as statecharts.')
    .version(VERSION, '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand('help [command]', 'Show the help of a command')
    .configureHelp(HELP_FORMAT)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .addHelpText('afterAll', FOOTER);
  withExamples(program, [
    'statecraft cluster                    # three servers on this machine',
    'statecraft put greeting hello         # in another terminal',
    'statecraft get greeting',
    'statecraft put --help                 # what a command takes',
  ]);
  addClusterCommand(program);
  addServerCommand(program);
  addKeyFileCommands(program);
  addKeyCommands(program);
  addDeleteCommand(program);
  addListCommand(program);
  addStatusCommand(program);
  addHealthCommand(program);
  addTokenCommand(program);
  addCertificatesCommand(program);
  addPlaygroundCommand(program);
  addDiagramCommand(program);
  addCommand(program, {
    name: 'version',
    what: 'Print the version.',
    examples: ['statecraft version'],
    runCommandLine: () => printLine(VERSION),
  });
  addVariableHooks(program);
  return program;
}

function addVariableHooks(program: Command): void {
  const withHook = (parent: Command) => {
    parent.hook('preSubcommand', (_, command) => readVariables(command, process.env));
    for (const command of parent.commands) withHook(command);
  };
  withHook(program);
  program.hook('preAction', (_, command) => {
    if (!LONG_RUNNING.includes(command.name()) || command.parent !== program) return;
    const log = createLog(command.opts<LogOptions>());
    for (const message of unknownVariables(program, process.env)) {
      log({ level: 'warn', event: 'unknown_variable', message, server: null });
    }
  });
}

function usageLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
  return `statecraft: ${line}${/[.?)]$/.test(line) ? '' : ';'} see --help\n`;
}

/** Sets the exit code; the process ends by itself when nothing is left to do. */
export async function run(argv: readonly string[]): Promise<void> {
  try {
    await createProgram().parseAsync(argv);
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
