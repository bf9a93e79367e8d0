/** What the clients of a searched history ask the key/value store, drawn, written down and read. */
import type { SeededRandom } from '../../src/simulation/index.ts';
import { dice, pick, weighted } from '../../src/simulation/search/draw.ts';
import { numberOf } from '../../src/simulation/search/script.ts';
import type { RunSettings } from '../../src/simulation/search/settings.ts';
import type { CallAt } from '../../src/simulation/search/subject.ts';

export const KEYS = ['x', 'y', 'z'] as const;
export type Key = (typeof KEYS)[number];

const KINDS = ['append', 'put', 'get', 'swap', 'delete'] as const;
export type CallKind = (typeof KINDS)[number];

/** `token` is what is written: unique, so that whoever reads it knows which write it was. */
export interface KeyValueCall {
  readonly kind: CallKind;
  readonly client: number;
  readonly key: Key;
  readonly token: string;
}

const CLIENTS = 4;

export function drawCalls(settings: RunSettings, random: SeededRandom): CallAt<KeyValueCall>[] {
  const calls: CallAt<KeyValueCall>[] = [];
  for (let client = 1; client <= CLIENTS; client += 1) {
    const own = random.fork(`client ${client}`);
    const { whole } = dice(own);
    const gapMs = random.chance(0.3) ? whole(3, 12) : whole(10, 120);
    const keys = KEYS.slice(0, whole(1, KEYS.length + 1));
    const weights = [0.5 + own.next(), own.next() / 2, own.next(), own.next(), own.next() / 8];
    for (let at = whole(0, 300), n = 1; at < settings.endMs; at += whole(1, 2 * gapMs), n += 1) {
      const kind = KINDS[weighted(own, weights)] ?? 'append';
      calls.push({ at, call: { kind, client, key: pick(own, keys), token: `${client}.${n}` } });
    }
  }
  return calls;
}

export function printCall({ kind, client, key, token }: KeyValueCall): string {
  return `${kind} ${client} ${key} ${token}`;
}

/** @throws TypeError */
export function parseCall(line: string): KeyValueCall {
  const [verb = '', ...words] = line.replace(/#.*/, '').trim().split(/\s+/);
  const kind = KINDS.find((each) => each === verb);
  if (kind === undefined) throw new TypeError(`there is no step ${verb}`);
  const [client = '', name = '', token = ''] = words;
  if (words.length !== 3) throw new TypeError(`${kind} takes client, key, token`);
  const key = KEYS.find((each) => each === name);
  if (key === undefined) throw new TypeError(`key is one of ${KEYS.join(', ')}, not ${name}`);
  return { kind, client: numberOf(client), key, token };
}
