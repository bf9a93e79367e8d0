/**
 * Puts a bundle of each package in the place of `dist/src/vendor/*.js`: what only the command line,
 * the HTTP service and layouts need is neither installed nor loaded with the library.
 */
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = 'dist/src/vendor';
/** Runs in browsers, too: nothing of Node.js may get into its bundle. */
const IN_BROWSERS = new Set(['elk']);

/** One file for each, without parts that they share: what loads one loads no other. */
function bundleOf(name: string): InlineConfig {
  const input = `src/vendor/${name}.ts`;
  const isForNode = !IN_BROWSERS.has(name);
  return {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    ...(isForNode && { ssr: { noExternal: true, target: 'node' } }),
    build: {
      ssr: isForNode,
      outDir: TARGET,
      emptyOutDir: false,
      copyPublicDir: false,
      modulePreload: false,
      chunkSizeWarningLimit: 2_000,
      target: 'es2023',
      // Stack traces stay readable where there is anything to read; ELK comes minified.
      minify: !isForNode,
      license: { fileName: `${name}.licenses.json` },
      rolldownOptions: {
        input,
        preserveEntrySignatures: 'strict',
        output: { entryFileNames: `${name}.js`, codeSplitting: false },
      },
    },
  };
}

export async function bundleVendor(): Promise<void> {
  for (const file of readdirSync(join(ROOT, 'src/vendor'))) {
    const name = file.replace(/\.ts$/, '');
    // The map that the compiler made leads to a file of three lines.
    rmSync(join(ROOT, TARGET, `${name}.js.map`), { force: true });
    await build(bundleOf(name));
  }
}
