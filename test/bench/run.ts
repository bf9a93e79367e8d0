/**
 * `npm run bench`: bundles the benchmarks with the library as a build does it, and runs that. Figures
 * are then those of the package: what runs sources directly keeps the name of each function by a call
 * of its own, and that halves the throughput of the core.
 */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build, type Plugin } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = join(ROOT, 'node_modules/.cache/statecraft/bench');
const FLAGS = ['--max-semi-space-size=64', '--expose-gc'];

/** Files that are looked for beside a source are there, and not beside the bundle. */
const besideTheSource: Plugin = {
  name: 'beside-the-source',
  transform: (code, id) =>
    code
      .replaceAll('import.meta.dirname', JSON.stringify(dirname(id)))
      .replaceAll('import.meta.filename', JSON.stringify(id))
      .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(id).href)),
};

await build({
  configFile: false,
  root: ROOT,
  logLevel: 'warn',
  plugins: [besideTheSource],
  ssr: { target: 'node' },
  build: {
    ssr: 'test/bench/main.ts',
    outDir: TARGET,
    emptyOutDir: true,
    copyPublicDir: false,
    target: 'es2023',
    minify: false,
    sourcemap: false,
  },
});
const script = join(TARGET, 'main.js');
const { status } = spawnSync(process.execPath, [...FLAGS, script, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exitCode = status ?? 1;
