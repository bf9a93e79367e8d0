/** `statecraft list`: keys, all of them or those that begin alike. */
import type { Consistency, ListItem } from '../client/index.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { type Ask, asking } from './asking.ts';
import { usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { type ReadOptions, reading } from './key-commands.ts';
import { printJson, printLine, printSeparated, printTable } from './output.ts';

interface ListOptions extends ReadOptions {
  readonly prefix?: string;
  readonly count: boolean;
  readonly separator: string;
  readonly null: boolean;
}

const PAGE_KEYS = 1_000;

export function addListCommand(program: Command): void {
  withExamples(
    reading(
      program.command('list').description('List keys, in the order of their bytes: one a line.'),
    )
      .argument('[prefix]', 'only keys that begin with it')
      .addOption(new Option('--prefix <text>', 'the same as the argument'))
      .addOption(new Option('--count', 'print how many there are instead of them').default(false))
      .addOption(
        new Option(
          '--separator <text>',
          'what ends each key; \\n, \\t, \\0 and \\\\ are understood',
        )
          .argParser(parseSeparator)
          .default('\n', '\\n'),
      )
      .addOption(
        new Option(
          '-0, --null',
          'end each key with a NUL byte, which no line break can be taken for',
        )
          .default(false)
          .conflicts(['separator', 'count']),
      ),
    [
      'statecraft list',
      'statecraft list users/ --count',
      'statecraft list users/ -o table          # with revisions and lengths',
      'statecraft list --separator ", "',
      'statecraft list users/ -0 | xargs -0 -n 1 statecraft get',
    ],
  ).action(list);
}

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
  await asking(options, 'read', async (ask) => {
    // Printed once all are there, so that a failure prints none.
    for await (const page of pagesOf(ask, prefix, consistency)) items.push(...page);
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

/** Each page is read when it is asked for, after the last key of the one before. */
export async function* pagesOf(
  ask: Ask,
  prefix: string,
  consistency: Consistency,
): AsyncGenerator<readonly ListItem[], void> {
  let after: string | null = '';
  while (after !== null) {
    const from: string = after;
    const page = await ask((client) =>
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
