/** `put`, `get`, `append`, `delete` and `list`. */

import type { ConditionOptions, Consistency, ListItem } from '../client/index.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { ask, type ClientOptions, withClientOptions } from './client-options.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { printBytes, printJson, printLine, printTable } from './output.ts';

type WriteOptions = ClientOptions & ConditionOptions;
type ReadOptions = ClientOptions & { readonly consistency: Consistency };

export function addKeyCommands(program: Command): void {
  writing(program, 'put', 'Set a value; without one, standard input is the value.')
    .argument('[value]')
    .action((key: string, value: string | undefined, options: WriteOptions) =>
      write('put', key, value, options),
    );
  reading(program.command('get').description('Print a value.').argument('<key>')).action(get);
  writing(program, 'append', 'Add to the end of a value; without one, standard input.')
    .argument('[value]')
    .action((key: string, value: string | undefined, options: WriteOptions) =>
      write('append', key, value, options),
    );
  writing(program, 'delete', 'Delete a key.').action(remove);
  reading(program.command('list').description('List keys.').argument('[prefix]')).action(list);
}

function writing(program: Command, name: string, description: string): Command {
  const command = program.command(name).description(description).argument('<key>');
  const conflicts = ['ifExists', 'ifAbsent'];
  return withClientOptions(command)
    .addOption(
      new Option('--if-revision <number>', 'only if that is its revision')
        .argParser(parseRevision)
        .conflicts(conflicts),
    )
    .addOption(new Option('--if-exists', 'only if the key is there').conflicts('ifAbsent'))
    .option('--if-absent', 'only if the key is not there');
}

function reading(command: Command): Command {
  const consistency = new Option('--consistency <kind>', 'stale asks one server only')
    .choices(['linearizable', 'stale'])
    .default('linearizable');
  return withClientOptions(command).addOption(consistency);
}

async function write(
  verb: 'put' | 'append',
  key: string,
  value: string | undefined,
  options: WriteOptions,
): Promise<void> {
  const bytes = value ?? (await standardInput());
  const result = await ask(options, 'write', (client) =>
    client[verb](key, bytes, conditionOf(options)),
  );
  if (options.output === 'json') printJson({ key, ...result });
  else printLine('OK');
}

async function remove(key: string, options: WriteOptions): Promise<void> {
  const { found } = await ask(options, 'write', (client) =>
    client.delete(key, conditionOf(options)),
  );
  if (!found) throw noSuchKey(key);
  if (options.output === 'json') printJson({ key, deleted: true });
  else printLine('OK');
}

async function get(key: string, options: ReadOptions): Promise<void> {
  const { consistency, output } = options;
  const found = await ask(options, 'read', (client) => client.get(key, { consistency }));
  if (found === null) throw noSuchKey(key);
  const { value, revision } = found;
  if (output === 'simple') {
    printBytes(value);
  } else if (output === 'json') {
    const base64 = Buffer.from(value).toString('base64');
    printJson({ key, revision, length: value.byteLength, value: base64 });
  } else {
    const text = Buffer.from(value).toString('utf8');
    printTable(['KEY', 'REVISION', 'LENGTH', 'VALUE'], [[...cellsOf(key, revision, value), text]]);
  }
}

function cellsOf(key: string, revision: number, { byteLength }: Uint8Array): string[] {
  return [key, String(revision), String(byteLength)];
}

/** All pages; keys are printed once all are there, so that a failure prints none. */
async function list(prefix: string | undefined, options: ReadOptions): Promise<void> {
  const { consistency, output } = options;
  const items: ListItem[] = [];
  let after: string | null = '';
  while (after !== null) {
    const page = { consistency, limit: 1_000, ...(prefix ? { prefix } : {}) };
    const from: string = after;
    const answer = await ask(options, 'read', (client) =>
      client.list(from === '' ? page : { ...page, after: from }),
    );
    items.push(...answer.items);
    after = answer.next;
  }
  if (output === 'json') printJson({ items });
  else if (output === 'simple') for (const { key } of items) printLine(key);
  else {
    const rows = items.map(({ key, revision, length }) => [key, `${revision}`, `${length}`]);
    printTable(['KEY', 'REVISION', 'LENGTH'], rows);
  }
}

function conditionOf({ ifRevision, ifExists, ifAbsent }: WriteOptions): ConditionOptions {
  if (ifRevision !== undefined) return { ifRevision };
  if (ifExists) return { ifExists };
  return ifAbsent ? { ifAbsent } : {};
}

function parseRevision(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A revision is a whole number.');
}

function noSuchKey(key: string): CommandError {
  return new CommandError(EXIT.notFound, `no such key: ${key}`);
}

/** @throws CommandError as soon as there is more than a value may have */
async function standardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > valueBytesMax) {
      throw new CommandError(EXIT.failed, 'a value has at most 1,048,576 bytes');
    }
  }
  return Buffer.concat(chunks);
}
