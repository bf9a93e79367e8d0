/** `statecraft list`: keys, all of them or those with a prefix. */
import type { Consistency, ListItem } from '../client/index.ts';
import { type Command, InvalidArgumentError } from '../vendor/commander.ts';
import { type CallOnce, withClient } from './client-calls.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import { READ_OPTIONS } from './key-commands.ts';
import { printJson, printLine, printSeparated, printTable } from './output.ts';

const PAGE_KEYS = 1_000;

const OPTIONS = {
  ...READ_OPTIONS,
  '--prefix <text>': 'the same as the argument',
  '--count': 'print how many keys there are, instead of the keys',
  '--separator <text>': {
    what: 'what to write after each key; \\n, \\t, \\0 and \\\\ are understood',
    parse: parseSeparator,
    byDefault: '\n',
    shown: '\\n',
  },
  '-0, --null': {
    what: 'write a NUL byte after each key, since keys may contain line breaks',
    conflicts: ['separator', 'count'],
  },
} as const satisfies OptionTable;

type ListOptions = OptionsOf<typeof OPTIONS>;

export const LIST_COMMAND: CommandDetails = {
  options: OPTIONS,
  examples: [
    'statecraft list',
    'statecraft list users/ --count',
    'statecraft list users/ -o table          # with revisions and lengths',
    'statecraft list --separator ", "',
    'statecraft list users/ -0 | xargs -0 -n 1 statecraft get',
  ],
  runCommandLine: list,
};

async function list(
  argument: string | undefined,
  options: ListOptions,
  command: Command,
): Promise<void> {
  const { output, consistency, count, separator } = options;
  if (argument !== undefined && command.getOptionValueSource('prefix') === 'cli') {
    throw usageError('the prefix is given twice: as an argument and by --prefix');
  }
  const prefix = argument ?? options.prefix ?? '';
  const items: ListItem[] = [];
  await withClient(options, 'read', async (call) => {
    // Printed once all have been read, so that a failure prints none.
    for await (const page of pagesOf(call, prefix, consistency)) items.push(...page);
  });
  if (count) printCount(items.length, output);
  else if (output === 'json') printJson({ items });
  else if (output === 'table') {
    const rows = items.map(({ key, revision, length }) => [key, `${revision}`, `${length}`]);
    printTable(['KEY', 'REVISION', 'LENGTH'], rows);
  } else {
    printSeparated(
      items.map(({ key }) => key),
      options.null ? '\0' : separator,
    );
  }
}

/** Reads each page when it is asked for, from the last key of the one before. */
export async function* pagesOf(
  call: CallOnce,
  prefix: string,
  consistency: Consistency,
): AsyncGenerator<readonly ListItem[], void> {
  let after: string | null = '';
  while (after !== null) {
    const from: string = after;
    const page = await call((client) =>
      client.list({
        consistency,
        limit: PAGE_KEYS,
        ...(prefix === '' ? {} : { prefix }),
        ...(from === '' ? {} : { after: from }),
      }),
    );
    yield page.items;
    after = page.next;
  }
}

function printCount(count: number, output: ListOptions['output']): void {
  if (output === 'json') printJson({ count });
  else if (output === 'table') printTable(['COUNT'], [[`${count}`]]);
  else printLine(`${count}`);
}

const ESCAPES: Readonly<Record<string, string>> = { n: '\n', t: '\t', '0': '\0', '\\': '\\' };

function parseSeparator(text: string): string {
  if (text === '')
    throw new InvalidArgumentError('Write at least one character, such as , or \\0.');
  return text.replaceAll(/\\([nt0\\])/g, (_, letter: string) => ESCAPES[letter] ?? letter);
}
