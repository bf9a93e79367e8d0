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
import { type Language, numberOf } from './script.ts';
import type { WorkloadCall } from './workload.ts';

const HEX_DIGITS = 16;

/** @param commands default: plain data, as in logs */
export function callLanguage<Command, Query>(
  commands: Codec<Command> = plainData<Command>(),
): Language<WorkloadCall<Command, Query>> {
  const queries = plainData<Query>('query');
  return {
    print: (call) =>
      'command' in call
        ? `propose ${call.client} ${textOf(call.command, commands)}`
        : `query ${call.client} ${textOf(call.query, queries)}`,
    parse(line) {
      const [, verb = '', number = '', text = ''] = /^(\S+)\s+(\S+)\s+(.*)$/.exec(line) ?? [];
      if (verb !== 'propose' && verb !== 'query') {
        throw new TypeError(`there is no step ${line.split(/\s/, 1)[0]}`);
      }
      const client = numberOf(number);
      return verb === 'propose'
        ? { client, command: read(text, commands) }
        : { client, query: read(text, queries) };
    },
  };
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
