/** All commands, and how they end. */
import { Command, CommanderError } from '../vendor/commander.ts';
import { addCertificatesCommand } from './certificates-command.ts';
import { addClusterCommand } from './cluster-command.ts';
import { addClusterKeyCommands } from './cluster-key-commands.ts';
import { addDiagramCommand } from './diagram-command.ts';
import { CommandError, EXIT, lineOf } from './exit-codes.ts';
import { addHealthCommand } from './health-command.ts';
import { addKeyCommands } from './key-commands.ts';
import { addPlaygroundCommand } from './playground-command.ts';
import { addServerCommand } from './server-command.ts';
import { addStatusCommand } from './status-command.ts';
import { addTokenCommand } from './token-command.ts';
import { VERSION } from './version.ts';

const FOOTER = `
Exit codes: 0 done, 1 failed, 2 wrong usage or start-up, 3 no such key or condition failed,
4 outcome unknown, 5 nobody reachable.
Put -- before a key or value that begins with a dash.`;

export function createProgram(): Command {
  const program = new Command('statecraft')
    .description('A replicated key/value store: Raft as statecharts.')
    .version(VERSION)
    .exitOverride()
    .configureOutput({ outputError: (text, write) => write(usageLine(text)) })
    .addHelpText('after', FOOTER);
  addClusterCommand(program);
  addServerCommand(program);
  addClusterKeyCommands(program);
  addKeyCommands(program);
  addStatusCommand(program);
  addHealthCommand(program);
  addTokenCommand(program);
  addCertificatesCommand(program);
  addPlaygroundCommand(program);
  addDiagramCommand(program);
  return program;
}

function usageLine(text: string): string {
  const line = text
    .replace(/^error: /, '')
    .trim()
    .replaceAll(/\s*\n\s*/g, ' ');
  return `statecraft: ${line}${/[.?)]$/.test(line) ? '' : ';'} --help shows what there is\n`;
}

/** Sets the exit code; the process ends when nothing is left to do. */
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
  process.stderr.write(`statecraft: ${lineOf(error)}\n`);
  return error instanceof CommandError ? error.exitCode : EXIT.failed;
}
