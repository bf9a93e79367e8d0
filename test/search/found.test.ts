/** What the search has found stays found: each script fell once, and says what it taught. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, run } from './subject.ts';

const FOLDER = join(import.meta.dirname, '../traces/found');
const scripts = readdirSync(FOLDER)
  .filter((name) => name.endsWith('.txt'))
  .sort();

describe('what was found once', () => {
  it('is kept', () => expect(scripts.length).toBeGreaterThan(0));

  it.each(scripts)('%s', async (name) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    expect(text, 'it opens with what it teaches').toMatch(/^# \S/);
    const result = await run(parse(text));
    expect(result.kind === 'violation' ? result.message : '').toBe('');
  });
});
