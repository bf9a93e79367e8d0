/** `statecraft delete`: one key, or all that begin alike. */
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { type Ask, ask, asking } from './asking.ts';
import { CommandError, usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { conditionOf, KEY, noSuchKey, type WriteOptions, withConditions } from './key-commands.ts';
import { pagesOf } from './list-command.ts';
import { printJson, printLine } from './output.ts';

interface DeleteOptions extends WriteOptions {
  readonly prefix?: string;
  readonly dryRun?: true;
}

/** Under way at the same time: what one server takes from one client without a wait. */
const AT_ONCE = 16;
const CONDITIONS = ['ifRevision', 'ifExists', 'ifAbsent'];

export function addDeleteCommand(program: Command): void {
  withExamples(
    withConditions(program.command('delete').description('Delete a key, or all keys of a prefix.'))
      .argument('[key]', `${KEY}; either this or --prefix`)
      .addOption(
        new Option('--prefix <text>', 'delete all keys that begin with it, and say how many')
          .argParser(parsePrefix)
          .conflicts(CONDITIONS),
      )
      .addOption(new Option('--dry-run', 'with --prefix: print the keys, and delete none')),
    [
      'statecraft delete greeting',
      'statecraft delete greeting --if-revision 7',
      'statecraft delete --prefix sessions/ --dry-run',
      'statecraft delete --prefix sessions/',
    ],
  ).action(remove);
}

async function remove(key: string | undefined, options: DeleteOptions): Promise<void> {
  const { prefix, dryRun } = options;
  if ((key === undefined) === (prefix === undefined)) {
    throw usageError('say what to delete: either a key, or --prefix with how keys begin');
  }
  if (dryRun && prefix === undefined) {
    throw usageError('--dry-run means nothing without --prefix: give both, or neither');
  }
  if (key !== undefined) await removeOne(key, options);
  else if (prefix !== undefined) await removeAll(prefix, options);
}

async function removeOne(key: string, options: DeleteOptions): Promise<void> {
  const { found } = await ask(options, 'write', (client) =>
    client.delete(key, conditionOf(options)),
  );
  if (!found) throw noSuchKey(key);
  if (options.output === 'json') printJson({ key, deleted: true });
  else printLine('OK');
}

async function removeAll(prefix: string, options: DeleteOptions): Promise<void> {
  const { dryRun, output } = options;
  if (dryRun) {
    const keys = await asking(options, 'read', (ask) => keysOf(ask, prefix));
    if (output !== 'json') for (const key of keys) printLine(key);
    say({ prefix, wouldDelete: keys.length }, `${counted(keys.length)} would be deleted`, output);
    return;
  }
  let deleted = 0;
  try {
    await asking(options, 'writes', async (ask) => {
      for await (const page of pagesOf(ask, prefix, 'linearizable')) {
        const keys = page.map(({ key }) => key);
        await eachOf(keys, async (key) => {
          const { found } = await ask((client) => client.delete(key));
          if (found) deleted += 1;
        });
      }
    });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const before = `${counted(deleted)} deleted before this: ${error.message.replace(/\.$/, '')}`;
    throw new CommandError(error.exitCode, `${before}. Run it again for the others.`);
  }
  say({ prefix, deleted }, `${counted(deleted)} deleted`, output);
}

async function keysOf(ask: Ask, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of pagesOf(ask, prefix, 'linearizable')) {
    keys.push(...page.map(({ key }) => key));
  }
  return keys;
}

/** Some at a time; rejects with the first failure once those under way have settled. */
async function eachOf(keys: readonly string[], act: (key: string) => Promise<void>): Promise<void> {
  const left = keys.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const key of left) {
      if (failures.length > 0) return;
      await act(key).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  if (failures.length > 0) throw failures[0];
}

function say(json: object, line: string, output: DeleteOptions['output']): void {
  if (output === 'json') printJson(json);
  else printLine(line);
}

function counted(keys: number): string {
  return keys === 1 ? '1 key' : `${keys} keys`;
}

function parsePrefix(text: string): string {
  if (text !== '') return text;
  throw new InvalidArgumentError('An empty prefix would delete every key: name how they begin.');
}
