/**
 * Puts a bundle of the command line in the place of `dist/src/cli`: a file for each command and for
 * what several share. Node.js opens one file several times as fast as a hundred small ones, and a
 * cluster starts three servers at once.
 *
 * The packages stay outside: those of `dist/src/vendor`, which have bundles of their own, and those
 * that are installed, so that npm updates them. Only RxJS, two hundred files, is bundled as well.
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type Plugin } from 'vite';

const ROOT = join(import.meta.dirname, '../..');
const TARGET = 'dist/src/cli';
const VENDOR = /\/vendor\/([\w-]+)\.ts$/;

/** Their bundles lie beside that of the command line. */
const vendorOutside: Plugin = {
  name: 'vendor-outside',
  enforce: 'pre',
  resolveId(source) {
    const [, name] = VENDOR.exec(source) ?? [];
    return name === undefined ? null : { id: `../vendor/${name}.js`, external: true };
  },
};

export async function bundleCommand(): Promise<void> {
  rmSync(join(ROOT, TARGET), { recursive: true, force: true });
  await build({
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    plugins: [vendorOutside],
    ssr: { noExternal: ['rxjs'], target: 'node' },
    build: {
      ssr: true,
      outDir: TARGET,
      copyPublicDir: false,
      target: 'es2023',
      // Stack traces stay readable, and lead to the sources.
      minify: false,
      sourcemap: true,
      license: { fileName: 'licenses.json' },
      rolldownOptions: {
        input: 'src/cli/main.ts',
        output: {
          entryFileNames: 'main.js',
          chunkFileNames: '[name].js',
          codeSplitting: { groups: [{ name: 'rxjs', test: /[\\/]node_modules[\\/]/ }] },
        },
      },
    },
  });
  withoutMap('rxjs.js');
}

/** The package does not contain the files that this map leads to. */
function withoutMap(name: string): void {
  const path = join(ROOT, TARGET, name);
  rmSync(`${path}.map`);
  writeFileSync(path, readFileSync(path, 'utf8').replace(/^\/\/# sourceMappingURL=.*$/m, ''));
}
