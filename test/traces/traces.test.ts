import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { COLUMNS_MAX, replay } from './replay.ts';
import { formatScript, parseScript, sentenceOf } from './script.ts';

const folder = new URL('.', import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith('.txt'));
const isUpdating = process.env.UPDATE_TRACES === '1';

const LINES_MAX = 40;

describe.each(names)('%s', (name) => {
  const file = new URL(name, folder);
  const text = readFileSync(file, 'utf8');
  const sentence = sentenceOf(parseScript(text));

  it(sentence, async () => {
    const replayed = formatScript(await replay(text));
    if (isUpdating) writeFileSync(file, replayed);
    else expect(replayed).toBe(text);
  });

  it('opens with a sentence and its section, and fits on a page', () => {
    const now = readFileSync(file, 'utf8').split('\n');
    expect(sentence).toMatch(/^[A-Z].*\((?:.*§|Figure )[^)]*\d[^)]*\)\.$/);
    expect(now.length - 1).toBeLessThanOrEqual(LINES_MAX);
    expect(now.filter((line) => line.length > COLUMNS_MAX)).toEqual([]);
  });
});

describe('golden traces', () => {
  it('there are at least twenty-five, each with a sentence of its own', () => {
    const sentences = names.map((name) =>
      sentenceOf(parseScript(readFileSync(new URL(name, folder), 'utf8'))),
    );
    expect(names.length).toBeGreaterThanOrEqual(25);
    expect(new Set(sentences).size).toBe(names.length);
  });
});
