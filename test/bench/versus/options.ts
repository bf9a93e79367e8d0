/** `npm run bench -- versus …`: with what, and how often. */
import { parseArgs } from 'node:util';

export interface VersusOptions {
  /** The service, or the core in one process. */
  readonly peer: 'etcd' | 'etcd-raft';
  readonly isSlowNetwork: boolean;
  readonly rounds: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** The stores to measure. */
  readonly only: readonly string[];
}

/** Says how it is used. */
export class VersusUsageError extends Error {
  constructor(fault: string) {
    super(`${fault}\n${USAGE}`);
  }
}

const USAGE =
  'npm run bench -- versus etcd [--slow-network] [--rounds 3] [--seconds 2.5] [--warm-up 8] ' +
  '[--only etcd,http]\n' +
  'npm run bench -- versus etcd-raft [--rounds 3] [--seconds 2.5]';

/** @throws VersusUsageError */
export function versusOptions(args: readonly string[], stores: readonly string[]): VersusOptions {
  const { values, positionals } = parse(args);
  const [peer] = positionals;
  if (positionals.length !== 1 || (peer !== 'etcd' && peer !== 'etcd-raft')) {
    throw new VersusUsageError('versus what?');
  }
  const only = values.only?.split(',') ?? stores;
  const unknown = only.find((name) => !stores.includes(name));
  if (unknown !== undefined) {
    throw new VersusUsageError(`--only ${unknown} is none of ${stores.join(', ')}`);
  }
  return {
    peer,
    isSlowNetwork: values['slow-network'],
    rounds: positive('--rounds', values.rounds),
    seconds: positive('--seconds', values.seconds),
    warmUpSeconds: positive('--warm-up', values['warm-up']),
    only,
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '2.5' },
        'warm-up': { type: 'string', default: '8' },
        'slow-network': { type: 'boolean', default: false },
        only: { type: 'string' },
      },
    });
  } catch (error) {
    throw new VersusUsageError((error as Error).message);
  }
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new VersusUsageError(`${name} ${text} is not a number above 0`);
}
