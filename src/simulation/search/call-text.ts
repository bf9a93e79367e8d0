/**
 * Commands and queries in scripts: as JSON where that says all there is, else as the bytes that
 * travel, with what they mean behind them.
 *
 *     710 propose 1 {"type":"add","amount":3}
 *     720 query 2 0x81a474797065…  # {"type":"total"}
 */

import { exactKeys } from '../../checker/exact-key.ts';
import { plainData } from '../../formats/plain-data.ts';
import { valueText } from '../../formats/value-text.ts';
import type { Codec } from '../../ports/state-machine.ts';
import { numberOf } from './script.ts';
import type { WorkloadCall } from './workload.ts';

const HEX_DIGITS = 16;

export class CallText<Command, Query> {
  readonly #commands: Codec<Command>;
  readonly #queries: Codec<Query> = plainData<Query>('query');

  /** @param commands default: plain data, as in logs */
  constructor(commands: Codec<Command> = plainData<Command>()) {
    this.#commands = commands;
  }

  /** @throws TypeError for a query that cannot be written down. */
  print(call: WorkloadCall<Command, Query>): string {
    return 'command' in call
      ? `propose ${call.client} ${textOf(call.command, this.#commands)}`
      : `query ${call.client} ${textOf(call.query, this.#queries)}`;
  }

  /** @throws TypeError */
  parse(line: string): WorkloadCall<Command, Query> {
    const [, verb = '', number = '', text = ''] = /^(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
    if (verb !== 'propose' && verb !== 'query') {
      throw new TypeError(`there is no step ${line.split(/\s/, 1)[0]}`);
    }
    const client = numberOf(number);
    return verb === 'propose'
      ? { client, command: read(text, this.#commands) }
      : { client, query: read(text, this.#queries) };
  }
}

function textOf<Value>(value: Value, codec: Codec<Value>): string {
  const json = jsonOf(value);
  if (json !== null) return json;
  const digits = Array.from(codec.encode(value), (byte) =>
    byte.toString(HEX_DIGITS).padStart(2, '0'),
  );
  return `0x${digits.join('')} # ${valueText(value).replaceAll('\n', ' ')}`;
}

/** Null when it would come back as something else. */
function jsonOf(value: unknown): string | null {
  try {
    const json = JSON.stringify(value);
    const keyOf = exactKeys();
    return keyOf(JSON.parse(json)) === keyOf(value) ? json : null;
  } catch {
    return null;
  }
}

function read<Value>(text: string, codec: Codec<Value>): Value {
  const digits = /^0x((?:[0-9a-f]{2})*)(?:\s*#.*)?$/i.exec(text)?.[1];
  if (digits === undefined) return json(text) as Value;
  const bytes = digits.match(/../g) ?? [];
  return codec.decode(Uint8Array.from(bytes, (byte) => Number.parseInt(byte, HEX_DIGITS)));
}

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new TypeError(`${text} is neither JSON nor bytes such as 0x81a1`);
  }
}
