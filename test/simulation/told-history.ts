/**
 * Histories of one key in a line. Operations are parted by `;` and follow one another, each of a
 * client of its own, unless times are given: `put 1 @0-9`, and `put 1 @0-` for one without an answer.
 *
 *     put v · append v · delete · get v       what was asked; a get tells what it found, `-` nothing
 *     … #7 · … =12 · delete yes · delete no   the revision, the length, whether there was anything
 *     … if#5 · … if+ · … if-                  only at revision 5; only if it is there; if it is not
 *     … refused 7                             the condition did not hold; the revision was 7
 */
import type { Observed, ObservedInput } from '../../src/kv/index.ts';
import type { Operation } from '../../src/simulation/index.ts';

type Told = Operation<ObservedInput, Observed>;

export function told(line: string, key = 'x'): Told[] {
  return line.split(';').map((text, at) => operationOf(text.trim(), at, key));
}

function operationOf(text: string, at: number, key: string): Told {
  const words = text.split(/\s+/);
  const times = words.at(-1)?.match(/^@(\d+)-(\d*)$/);
  if (times) words.pop();
  const calledAt = times ? Number(times[1]) : at * 2;
  const returnedAt = !times ? at * 2 + 1 : times[2] === '' ? null : Number(times[2]);
  const input = inputOf(words, key);
  const output = returnedAt === null ? null : outputOf(words);
  return { client: at + 1, input, calledAt, returnedAt, output };
}

function inputOf([type, value = '', ...rest]: readonly string[], key: string): ObservedInput {
  const [condition] = [value, ...rest].filter((word) => word.startsWith('if'));
  const only =
    condition === undefined
      ? {}
      : condition === 'if+'
        ? ({ ifExists: true } as const)
        : condition === 'if-'
          ? ({ ifAbsent: true } as const)
          : { ifRevision: Number(condition.slice(3)) };
  if (type === 'put' || type === 'append') return { type, key, value, ...only };
  if (type === 'delete') return { type, key, ...only };
  if (type === 'get') return { type, key };
  throw new Error(`no such operation: ${type}`);
}

function outputOf(words: readonly string[]): Observed {
  const [type, value = ''] = words;
  const numberAfter = (sign: string) => words.find((word) => word.startsWith(sign))?.slice(1);
  const revision = numberAfter('#');
  const length = numberAfter('=');
  const known = {
    ...(revision === undefined ? {} : { revision: Number(revision) }),
    ...(length === undefined ? {} : { length: Number(length) }),
  };
  if (words.includes('refused')) {
    return { type: 'condition-failed', revision: Number(words.at(-1)) };
  }
  if (type === 'get')
    return value === '-' ? { type: 'not-found' } : { type: 'found', value, ...known };
  if (type !== 'delete') return { type: 'written', ...known };
  const isTold = words.includes('yes') || words.includes('no');
  return { type: 'deleted', ...(isTold ? { found: words.includes('yes') } : {}) };
}
