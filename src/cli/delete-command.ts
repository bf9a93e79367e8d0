/** `statecraft delete`: one key, or all keys with a prefix. */
import { callOnce, withClient } from './client-calls.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { ExitError, usageError } from './exit-codes.ts';
import { conditionOf, noSuchKey, WRITE_OPTIONS } from './key-commands.ts';
import { pagesOf } from './list-command.ts';
import { matching } from './option-values.ts';
import { printJson, printLine } from './output.ts';

/** In flight at a time: what one server takes from one client without a wait. */
const CONCURRENT_MAX = 16;

const OPTIONS = {
  ...WRITE_OPTIONS,
  '--prefix <text>': {
    what: 'delete all keys that begin with it, and say how many',
    parse: matching(
      /./s,
      'An empty prefix would delete every key: give the beginning of the keys.',
    ),
    conflicts: ['ifRevision', 'ifExists', 'ifAbsent'],
    // A forgotten variable must not delete keys that nobody named.
    hasVariable: false,
  },
  '--dry-run': 'with --prefix: print the keys, and delete none',
} as const satisfies OptionTable;

type DeleteOptions = OptionsOf<typeof OPTIONS>;

export const DELETE_COMMAND: CommandDetails = {
  options: OPTIONS,
  examples: [
    'statecraft delete greeting',
    'statecraft delete greeting --if-revision 7',
    'statecraft delete --prefix sessions/ --dry-run',
    'statecraft delete --prefix sessions/',
  ],
  runCommandLine: remove,
};

async function remove(key: string | undefined, options: DeleteOptions): Promise<void> {
  const { prefix, dryRun } = options;
  if ((key === undefined) === (prefix === undefined)) {
    throw usageError('say what to delete: either a key, or --prefix with the beginning of keys');
  }
  if (dryRun && prefix === undefined) {
    throw usageError('--dry-run needs --prefix: give both, or neither');
  }
  if (key !== undefined) await removeOne(key, options);
  else if (prefix !== undefined && dryRun) await printKeys(prefix, options);
  else if (prefix !== undefined) await removeAll(prefix, options);
}

async function removeOne(key: string, options: DeleteOptions): Promise<void> {
  const { found } = await callOnce(options, 'write', (client) =>
    client.delete(key, conditionOf(options)),
  );
  if (!found) throw noSuchKey(key);
  if (options.output === 'json') printJson({ key, deleted: true });
  else printLine('OK');
}

async function printKeys(prefix: string, options: DeleteOptions): Promise<void> {
  const keys: string[] = [];
  await withClient(options, 'read', async (call) => {
    for await (const page of pagesOf(call, prefix, 'linearizable')) {
      keys.push(...page.map(({ key }) => key));
    }
  });
  if (options.output === 'json') {
    printJson({ prefix, wouldDelete: keys.length });
    return;
  }
  for (const key of keys) printLine(key);
  printLine(`${counted(keys.length)} would be deleted`);
}

async function removeAll(prefix: string, options: DeleteOptions): Promise<void> {
  let deleted = 0;
  try {
    await withClient(options, 'writes', async (call) => {
      for await (const page of pagesOf(call, prefix, 'linearizable')) {
        const keys = page.map(({ key }) => key);
        await eachOf(keys, async (key) => {
          const { found } = await call((client) => client.delete(key));
          if (found) deleted += 1;
        });
      }
    });
  } catch (error) {
    if (!(error instanceof ExitError)) throw error;
    const before = `${counted(deleted)} deleted before this: ${error.message.replace(/\.$/, '')}`;
    throw new ExitError(error.exitCode, `${before}. Run it again for the others.`);
  }
  if (options.output === 'json') printJson({ prefix, deleted });
  else printLine(`${counted(deleted)} deleted`);
}

/** Some at a time; rejects with the first failure once those in flight have settled. */
async function eachOf(keys: readonly string[], act: (key: string) => Promise<void>): Promise<void> {
  const left = keys.values();
  const failures: unknown[] = [];
  const worker = async () => {
    for (const key of left) {
      if (failures.length > 0) return;
      await act(key).catch((error: unknown) => failures.push(error));
    }
  };
  await Promise.all(Array.from({ length: CONCURRENT_MAX }, worker));
  if (failures.length > 0) throw failures[0];
}

function counted(keys: number): string {
  return keys === 1 ? '1 key' : `${keys} keys`;
}
