/** `npm run bench -- versus etcd`, and what may follow. */
import { parseArgs } from 'node:util';

export interface VersusOptions {
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** The stores to measure. */
  readonly only: readonly string[];
}

/** Says how it is used. */
export class VersusUsageError extends Error {}

const USAGE =
  'npm run bench -- versus etcd [--rounds 3] [--seconds 2.5] [--warm-up 8] [--only etcd,http]';

/** @throws VersusUsageError */
export function versusOptions(args: readonly string[], stores: readonly string[]): VersusOptions {
  const { values, positionals } = parse(args);
  if (positionals.join() !== 'etcd') throw new VersusUsageError(`versus what? ${USAGE}`);
  const only = values.only?.split(',') ?? stores;
  const unknown = only.find((name) => !stores.includes(name));
  if (unknown !== undefined) {
    throw new VersusUsageError(`--only ${unknown} is none of ${stores.join(', ')}: ${USAGE}`);
  }
  return {
    rounds: positive('--rounds', values.rounds ?? '3'),
    seconds: positive('--seconds', values.seconds ?? '2.5'),
    warmUpSeconds: positive('--warm-up', values['warm-up'] ?? '8'),
    only,
  };
}

function parse(args: readonly string[]) {
  const text = { type: 'string' } as const;
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { rounds: text, seconds: text, 'warm-up': text, only: text },
    });
  } catch (error) {
    throw new VersusUsageError(`${(error as Error).message} ${USAGE}`);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new VersusUsageError(`${name} ${text} is not a number above 0: ${USAGE}`);
}
