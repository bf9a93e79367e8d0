/** The two pages, each as one static folder: `dist/playground` and `dist/inspector`. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { defineConfig, type Plugin } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = ['machines', 'src/diagram', 'package-lock.json'].map((name) => join(ROOT, name));
const CACHE = join(ROOT, 'node_modules/.cache/statecraft');

/** Of everything that the pictures are made from. */
function fingerprint(): string {
  const hash = createHash('sha256');
  const files = SOURCES.flatMap((source) =>
    statSync(source).isFile()
      ? [source]
      : readdirSync(source, { recursive: true, encoding: 'utf8' }).map((file) =>
          join(source, file),
        ),
  );
  for (const file of files.filter((path) => statSync(path).isFile()).sort()) {
    hash.update(file).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

/** Laying out takes seconds: it is done once for the same machines. */
function laidOutCharts(): string {
  const kept = join(CACHE, `charts-${fingerprint()}.json`);
  if (existsSync(kept)) return readFileSync(kept, 'utf8');
  const script = ['--import', 'tsx', 'src/diagram/page-charts.ts'];
  const charts = execFileSync(process.execPath, script, { cwd: ROOT, encoding: 'utf8' });
  mkdirSync(CACHE, { recursive: true });
  writeFileSync(`${kept}.${process.pid}`, charts);
  renameSync(`${kept}.${process.pid}`, kept);
  return charts;
}

/** `virtual:charts`: our machines as pictures, laid out while building, so that no page does it. */
function charts(): Plugin {
  const name = 'virtual:charts';
  return {
    name: 'charts',
    resolveId: (source) => (source === name ? `\0${name}` : null),
    load: (id) => (id === `\0${name}` ? `export default ${laidOutCharts()}` : null),
  };
}

export default defineConfig(({ mode }) => ({
  root: join(ROOT, `src/${mode}/page`),
  base: './',
  logLevel: 'warn' as const,
  oxc: { jsx: { runtime: 'automatic' as const, importSource: 'preact' } },
  plugins: [charts()],
  build: {
    outDir: `../../../dist/${mode}`,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // Gathered into one file by src/build/licenses.ts.
    license: { fileName: 'licenses.json' },
    // The pictures are laid out while building, which takes as long as it takes.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
}));
