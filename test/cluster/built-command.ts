/**
 * The command `statecraft`, built from the sources into a folder that only tests use, never into
 * `dist`: a process of it starts with a sixth of the work of one that compiles as it loads.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
const CACHE = join(ROOT, 'node_modules/.cache/statecraft');
const DAY_MS = 24 * 60 * 60 * 1_000;
/** The command, and what tests load before it (`node --import`). */
const ENTRIES = {
  main: 'src/cli/main.ts',
  'breakable-disk': 'test/cluster/breakable-disk.ts',
  'held-disk': 'test/cluster/held-disk.ts',
  'outage-disk': 'test/cluster/outage-disk.ts',
  'hung-disk': 'test/cluster/hung-disk.ts',
};
const folder = join(CACHE, `command-${fingerprint()}`);

if (!existsSync(folder)) await buildCommand();

/** The file to run or to load, as a path. */
export function built(entry: keyof typeof ENTRIES): string {
  return join(folder, `${entry}.js`);
}

/** Of everything it is built from. */
function fingerprint(): string {
  const below = (name: string) =>
    readdirSync(join(ROOT, name), { recursive: true, encoding: 'utf8' }).map((file) =>
      join(name, file),
    );
  const files = [...below('machines'), ...below('src')].filter((file) => file.endsWith('.ts'));
  const hash = createHash('sha256');
  const own = ['test/cluster/built-command.ts', 'package-lock.json'];
  for (const file of [...files.sort(), ...Object.values(ENTRIES), ...own]) {
    hash.update(file).update(readFileSync(join(ROOT, file)));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Several may build at the same time: it is put in its place whole, by whoever is first. */
async function buildCommand(): Promise<void> {
  const partial = `${folder}.${process.pid}`;
  const { build } = await import('vite');
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'error',
    // Packages as well, which halves what it takes to start; a file that is drawn has its own xstate.
    ssr: { noExternal: /^(?!xstate)/, target: 'node' },
    build: {
      ssr: true,
      outDir: partial,
      target: 'node20',
      minify: false,
      rolldownOptions: { input: ENTRIES, output: { entryFileNames: '[name].js' } },
    },
  });
  removeOld();
  try {
    renameSync(partial, folder);
  } catch (error) {
    if (!existsSync(folder)) throw error;
    rmSync(partial, { recursive: true });
  }
}

/** One of today may still be running. */
function removeOld(): void {
  for (const name of readdirSync(CACHE).filter((each) => each.startsWith('command-'))) {
    const path = join(CACHE, name);
    if (Date.now() - statSync(path).mtimeMs > DAY_MS) rmSync(path, { recursive: true });
  }
}
