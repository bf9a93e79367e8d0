/** What the README shows, compiled and run with the package as its users get it. */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { compile, packedFolder } from './installed.ts';
import { ROOT, run } from './packed.ts';

/** The code, and the output it promises, between `<!-- name:start -->` and `<!-- name:end -->`. */
async function exampleOf(name: string): Promise<{ code: string; output: string }> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const region = readme.split(`<!-- ${name}:start -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? '';
  const block = (language: string) =>
    region.split(`\`\`\`${language}\n`)[1]?.split('```')[0]?.trim() ?? '';
  return { code: block('ts'), output: block('text') };
}

describe('the README of the package', () => {
  it.each(['example', 'simulation'])(
    "the README's %s compiles with strict and skipLibCheck: false, and prints what it says",
    async (name) => {
      const { code, output } = await exampleOf(name);
      expect(code).not.toBe('');
      expect(output).not.toBe('');
      const place = join(packedFolder(), name);
      await mkdir(place);
      await writeFile(join(place, 'main.ts'), code);
      expect(await compile(place)).toBe('');
      const { stdout } = await run(process.execPath, ['main.js'], { cwd: place });
      expect(stdout.trim()).toBe(output);
    },
  );
});
