/** What a server, or the supervisor of several, logs on stderr: one line a message, as text or JSON. */
import { printable, printableJson } from '../formats/printable.ts';
import type { OptionsOf, OptionTable } from './command-table.ts';

/** The worst first; a level shows itself and those before it. */
const LEVELS = ['error', 'warn', 'info', 'debug'] as const;
export type LogLevel = (typeof LEVELS)[number];

export const LOG_OPTIONS = {
  '--log-level <level>': {
    what: 'what is logged on stderr: this level, and more severe ones',
    choices: LEVELS,
    byDefault: 'info',
  },
  '--log-format <format>': {
    what: 'text lines, or JSON objects with time, level, server, event, message and fields',
    choices: ['text', 'json'],
    byDefault: 'text',
  },
  '--explain':
    'also say why a server does what it does: votes, refusals, commits, snapshots; not heartbeats',
} as const satisfies OptionTable;

export type LogOptions = OptionsOf<typeof LOG_OPTIONS>;

interface LogLine {
  readonly level: LogLevel;
  /** What happened, as a constant: `server_started`. */
  readonly event: string;
  /** One sentence for people. */
  readonly message: string;
  /** The server that logs it; null for the supervisor, which names servers in `fields`. */
  readonly server: string | null;
  /** Numbers and names of the message, for programs. */
  readonly fields?: LogFields;
}

export type LogFields = Readonly<Record<string, string | number | boolean | null>>;

export type Logger = (line: LogLine) => void;

/** @param write - gets whole lines; default: stderr */
export function createLog(
  { logLevel, logFormat }: Pick<LogOptions, 'logLevel' | 'logFormat'>,
  write: (text: string) => void = (text) => void process.stderr.write(text),
  now: () => Date = () => new Date(),
): Logger {
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
