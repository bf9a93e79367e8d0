/** `put`, `get` and `append`. */
import type { Condition } from '../client/index.ts';
import { valueBytesMax } from '../kv/vocabulary.ts';
import { callOnce } from './client-calls.ts';
import { CLIENT_OPTIONS } from './client-options.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { EXIT, ExitError } from './exit-codes.ts';
import { wholeNumber } from './option-values.ts';
import { printBytes, printJson, printLine, printTable } from './output.ts';

export const READ_OPTIONS = {
  ...CLIENT_OPTIONS,
  '--consistency <kind>': {
    what: 'linearizable: the newest value; stale: what one server has, perhaps an older one',
    choices: ['linearizable', 'stale'],
    byDefault: 'linearizable',
  },
} as const satisfies OptionTable;

export const WRITE_OPTIONS = {
  ...CLIENT_OPTIONS,
  '--if-revision <number>': {
    what: 'only if the key has this revision',
    parse: wholeNumber(0, 999_999_999_999_999, 'A revision is a whole number.'),
    conflicts: ['ifExists', 'ifAbsent'],
  },
  '--if-exists': { what: 'only if the key exists', conflicts: ['ifAbsent'] },
  '--if-absent': 'only if the key does not exist',
} as const satisfies OptionTable;

export type ReadFlags = OptionsOf<typeof READ_OPTIONS>;
export type WriteFlags = OptionsOf<typeof WRITE_OPTIONS>;

export const PUT_COMMAND: CommandDetails = {
  options: WRITE_OPTIONS,
  examples: [
    'statecraft put greeting hello',
    'statecraft put picture < picture.png',
    'statecraft put lock me --if-absent',
    'statecraft put greeting hi --if-revision 7',
    'statecraft put -- -5 "a key that begins with a dash"',
  ],
  runCommandLine: writeBy('put'),
};

export const GET_COMMAND: CommandDetails = {
  options: READ_OPTIONS,
  examples: [
    'statecraft get greeting',
    'statecraft get picture > picture.png',
    'statecraft get greeting -o json        # value is base64; text as well if it is UTF-8',
    'statecraft get greeting --consistency stale --endpoints 127.0.0.1:7102',
  ],
  runCommandLine: get,
};

export const APPEND_COMMAND: CommandDetails = {
  options: WRITE_OPTIONS,
  examples: [
    'statecraft append log "one more line"',
    'statecraft append log --if-exists < more.txt',
  ],
  runCommandLine: writeBy('append'),
};

function writeBy(verb: 'put' | 'append') {
  return async (key: string, value: string | undefined, options: WriteFlags): Promise<void> => {
    const bytes = value ?? (await standardInput());
    const result = await callOnce(options, 'write', (client) =>
      client[verb](key, bytes, conditionOf(options)),
    );
    if (options.output === 'json') printJson({ key, ...result });
    else printLine('OK');
  };
}

async function get(key: string, options: ReadFlags): Promise<void> {
  const { consistency, output } = options;
  const found = await callOnce(options, 'read', (client) => client.get(key, { consistency }));
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

export function conditionOf({ ifRevision, ifExists, ifAbsent }: WriteFlags): Condition {
  if (ifRevision !== undefined) return { ifRevision };
  if (ifExists) return { ifExists };
  return ifAbsent ? { ifAbsent } : {};
}

export function noSuchKey(key: string): ExitError {
  return new ExitError(EXIT.notFound, `no such key: ${key}`);
}

/** @throws CommandError as soon as there is more than a value may have */
async function standardInput(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of process.stdin as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length > valueBytesMax) {
      throw new ExitError(EXIT.failed, 'a value has at most 1,048,576 bytes');
    }
  }
  return Buffer.concat(chunks);
}
