/** What a server, or the supervisor of several, says on stderr: a line a message, for people or as JSON. */
import { printable, printableJson } from '../formats/printable.ts';
import { type Command, Option } from '../vendor/commander.ts';

/** From what is worst on; a level shows itself and those before it. */
const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

export interface LogOptions {
  readonly logLevel: LogLevel;
  readonly logFormat: 'text' | 'json';
  readonly explain: boolean;
}

export interface LogLine {
  readonly level: LogLevel;
  /** What happened, as a constant: `server_started`. */
  readonly event: string;
  /** One sentence for people. */
  readonly message: string;
  /** The server that says it; null for the supervisor, which names servers in `fields`. */
  readonly server: string | null;
  /** Numbers and names of the message, for programs. */
  readonly fields?: LogFields;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export type Log = (line: LogLine) => void;

export function addLogOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--log-level <level>', 'what is said on stderr: this level, and what is worse')
        .choices(LEVELS)
        .default('info'),
    )
    .addOption(
      new Option(
        '--log-format <format>',
        'lines for people, or JSON objects with time, level, server, event, message and fields',
      )
        .choices(['text', 'json'])
        .default('text'),
    )
    .option(
      '--explain',
      'also say why a server does what it does: votes, refusals, commits, snapshots; not heartbeats',
      false,
    );
}

/** The same flags for a server of a cluster. */
export function logFlags({ logLevel, logFormat, explain }: LogOptions): readonly string[] {
  return ['--log-level', logLevel, '--log-format', logFormat, ...(explain ? ['--explain'] : [])];
}

/** @param write - gets whole lines; default: stderr */
export function createLog(
  { logLevel, logFormat }: Pick<LogOptions, 'logLevel' | 'logFormat'>,
  write: (text: string) => void = (text) => void process.stderr.write(text),
  now: () => Date = () => new Date(),
): Log {
  const shown = LEVELS.slice(0, LEVELS.indexOf(logLevel) + 1);
  const format = logFormat === 'json' ? jsonOf : textOf;
  return (line) => {
    if (shown.includes(line.level)) write(`${format(line, now())}\n`);
  };
}

function textOf({ server, message }: LogLine): string {
  const who = server === null ? 'statecraft' : `server ${server}`;
  return `${who}: ${printable(message.replaceAll('\n', ' '))}`;
}

function jsonOf({ level, server, event, message, fields = {} }: LogLine, now: Date): string {
  const line = { time: now.toISOString(), level, server, event, message, fields };
  return printableJson(JSON.stringify(line));
}
