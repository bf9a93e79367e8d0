/** All commands, and how they end. */

import { packageVersion } from '../node/this-package.ts';
import { Command, CommanderError } from '../vendor/commander.ts';
import { CERTIFICATES_COMMAND } from './certificates-command.ts';
import { CLUSTER_COMMAND } from './cluster-command.ts';
import { type CommandRow, defineCommand } from './command-table.ts';
import { DELETE_COMMAND } from './delete-command.ts';
import { DIAGRAM_COMMAND } from './diagram-command.ts';
import { unknownVariables } from './environment.ts';
import { EXIT, ExitError, errorLine } from './exit-codes.ts';
import { HEALTH_COMMAND } from './health-command.ts';
import { FOOTER, HELP_FORMAT } from './help.ts';
import { KEY_COMMANDS } from './key-commands.ts';
import { KEY_FILE_COMMAND } from './key-file-commands.ts';
import { LIST_COMMAND } from './list-command.ts';
import { createLog, type LogOptions } from './log.ts';
import { printError, printLine } from './output.ts';
import { PLAYGROUND_COMMAND } from './playground-command.ts';
import { SERVER_COMMAND } from './server-command.ts';
import { STATUS_COMMAND } from './status-command.ts';
import { TOKEN_COMMAND } from './token-command.ts';

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
  commands: [
    CLUSTER_COMMAND,
    SERVER_COMMAND,
    KEY_FILE_COMMAND,
    ...KEY_COMMANDS,
    DELETE_COMMAND,
    LIST_COMMAND,
    STATUS_COMMAND,
    HEALTH_COMMAND,
    TOKEN_COMMAND,
    CERTIFICATES_COMMAND,
    PLAYGROUND_COMMAND,
    DIAGRAM_COMMAND,
    {
      name: 'version',
      what: 'Print the version.',
      examples: ['statecraft version'],
      runCommandLine: () => printLine(packageVersion()),
    },
  ],
};

export function createProgram(): Command {
  const program = new Command(PROGRAM.name)
    .version(packageVersion(), '-v, --version', 'print the version')
    .helpOption('-h, --help', 'show this')
    .helpCommand('help [command]', 'Show the help of a command')
    .configureHelp(HELP_FORMAT)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .addHelpText('afterAll', FOOTER)
    .hook('preAction', (_, command) => warnOfVariables(command));
  return defineCommand(program, PROGRAM);
}

function warnOfVariables(command: Command): void {
  const { parent } = command;
  if (!LONG_RUNNING.includes(command.name()) || parent?.parent !== null) return;
  const log = createLog(command.opts<LogOptions>());
  for (const message of unknownVariables(parent, process.env)) {
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
