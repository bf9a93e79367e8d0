/** The package as its users get it: packed, installed beside its peers, compiled and run. */
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const TSC = join(ROOT, 'node_modules/typescript/bin/tsc');
const MINUTES = 60_000;

/** The code, and the output it promises, between `<!-- name:start -->` and `<!-- name:end -->`. */
async function exampleOf(name: string): Promise<{ code: string; output: string }> {
  const readme = await readFile(join(ROOT, 'README.md'), 'utf8');
  const region = readme.split(`<!-- ${name}:start -->`)[1]?.split(`<!-- ${name}:end -->`)[0] ?? '';
  const block = (language: string) =>
    region.split(`\`\`\`${language}\n`)[1]?.split('```')[0]?.trim() ?? '';
  return { code: block('ts'), output: block('text') };
}

describe('the packed package', () => {
  let folder = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'statecraft-package-'));
    const packed = await run('npm', ['pack', '--json', '--pack-destination', folder], {
      cwd: ROOT,
    });
    const [{ filename }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('[')));
    const { devDependencies } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
    const versioned = (name: string) => `${name}@${devDependencies[name]}`;
    const packages = [`./${filename}`, ...['xstate', 'rxjs', '@types/node'].map(versioned)];
    await run('npm', ['install', '--prefer-offline', '--no-audit', '--no-fund', ...packages], {
      cwd: folder,
    });
  }, 3 * MINUTES);

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(['example', 'simulation'])(
    "the README's %s compiles with strict and skipLibCheck: false, and prints what it says",
    async (name) => {
      const { code, output } = await exampleOf(name);
      expect(code).not.toBe('');
      expect(output).not.toBe('');
      const place = join(folder, name);
      await mkdir(place);
      await writeFile(join(place, 'main.ts'), code);
      const flags = ['--strict', '--skipLibCheck', 'false', '--target', 'es2023'];
      const modules = ['--module', 'nodenext', '--types', 'node', '--noErrorTruncation'];
      const compiled = await run(process.execPath, [TSC, ...flags, ...modules, 'main.ts'], {
        cwd: place,
      }).catch((error: { stdout: string }) => error);
      expect(compiled.stdout).toBe('');
      const { stdout } = await run(process.execPath, ['main.js'], { cwd: place });
      expect(stdout.trim()).toBe(output);
    },
    MINUTES,
  );

  it('every door opens', async () => {
    const { exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8'));
    const doors = Object.keys(exports)
      .filter((door) => !door.endsWith('.json') && door !== './testing')
      .map((door) => door.replace('.', 'statecraft'));
    const script = `for (const door of ${JSON.stringify(doors)}) await import(door);`;
    await run(process.execPath, ['--input-type=module', '--eval', script], { cwd: folder });
  });
});
