/** `put`, `get` and `append`. */
import type { Condition, Consistency } from '../client/index.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { ask } from './asking.ts';
import { type ClientOptions, withClientOptions } from './client-options.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { printBytes, printJson, printLine, printTable } from './output.ts';

export type WriteOptions = ClientOptions & Condition;
export type ReadOptions = ClientOptions & { readonly consistency: Consistency };

export const KEY = 'a text of 1 to 4,096 bytes';
const VALUE = 'at most 1 MiB; without it, standard input is the value, byte for byte';

export function addKeyCommands(program: Command): void {
  withExamples(
    withConditions(program.command('put').description('Set the value of a key.'))
      .argument('<key>', KEY)
      .argument('[value]', VALUE),
    [
      'statecraft put greeting hello',
      'statecraft put picture < picture.png',
      'statecraft put lock me --if-absent',
      'statecraft put greeting hi --if-revision 7',
      'statecraft put -- -5 "a key that begins with a dash"',
    ],
  ).action((key: string, value: string | undefined, options: WriteOptions) =>
    write('put', key, value, options),
  );
  withExamples(
    reading(program.command('get').description('Print the value of a key.')).argument('<key>', KEY),
    [
      'statecraft get greeting',
      'statecraft get picture > picture.png',
      'statecraft get greeting -o json        # value is base64; text as well if it is UTF-8',
      'statecraft get greeting --consistency stale --endpoints 127.0.0.1:7102',
    ],
  ).action(get);
  withExamples(
    withConditions(program.command('append').description('Add to the end of the value of a key.'))
      .argument('<key>', `${KEY}; one that is not there is made`)
      .argument('[value]', VALUE),
    ['statecraft append log "one more line"', 'statecraft append log --if-exists < more.txt'],
  ).action((key: string, value: string | undefined, options: WriteOptions) =>
    write('append', key, value, options),
  );
}

export function withConditions(command: Command): Command {
  const conflicts = ['ifExists', 'ifAbsent'];
  return withClientOptions(command)
    .addOption(
      new Option('--if-revision <number>', 'only if the key has this revision')
        .argParser(parseRevision)
        .conflicts(conflicts),
    )
    .addOption(new Option('--if-exists', 'only if the key is there').conflicts('ifAbsent'))
    .option('--if-absent', 'only if the key is not there');
}

export function reading(command: Command): Command {
  const consistency = new Option(
    '--consistency <kind>',
    'linearizable: the newest value; stale: what any one server has, perhaps an older one',
  )
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

async function get(key: string, options: ReadOptions): Promise<void> {
  const { consistency, output } = options;
  const found = await ask(options, 'read', (client) => client.get(key, { consistency }));
  if (found === null) throw noSuchKey(key);
  const { value, revision } = found;
  const length = value.byteLength;
  if (output === 'simple') {
    printBytes(value);
  } else if (output === 'json') {
    const base64 = Buffer.from(value).toString('base64');
    printJson({ key, revision, length, value: base64, ...textOf(value) });
  } else {
    const text = Buffer.from(value).toString('utf8');
    printTable(['KEY', 'REVISION', 'LENGTH', 'VALUE'], [[key, `${revision}`, `${length}`, text]]);
  }
}

/** Nothing when it is not UTF-8; when it is, every byte of it. */
function textOf(value: Uint8Array): { readonly text?: string } {
  try {
    return { text: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(value) };
  } catch {
    return {};
  }
}

export function conditionOf({ ifRevision, ifExists, ifAbsent }: WriteOptions): Condition {
  if (ifRevision !== undefined) return { ifRevision };
  if (ifExists) return { ifExists };
  return ifAbsent ? { ifAbsent } : {};
}

function parseRevision(text: string): number {
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('A revision is a whole number.');
}

export function noSuchKey(key: string): CommandError {
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
