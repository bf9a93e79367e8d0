/** The two pages, each as one static folder: `dist/playground` and `dist/inspector`. */
import { execFileSync } from 'node:child_process';
import { defineConfig, type Plugin } from 'vite';

/** `virtual:charts`: our machines as pictures, laid out while building, so that no page does it. */
function charts(): Plugin {
  const name = 'virtual:charts';
  const script = ['--import', 'tsx', '--conditions=source', 'src/diagram/page-charts.ts'];
  return {
    name: 'charts',
    resolveId: (source) => (source === name ? `\0${name}` : null),
    load: (id) =>
      id === `\0${name}`
        ? `export default ${execFileSync(process.execPath, script, { encoding: 'utf8' })}`
        : null,
  };
}

export default defineConfig(({ mode }) => ({
  root: `src/${mode}/page`,
  base: './',
  logLevel: 'warn' as const,
  resolve: { conditions: ['source', 'module', 'browser'] },
  oxc: { jsx: { runtime: 'automatic' as const, importSource: 'preact' } },
  plugins: [charts()],
  build: {
    outDir: `../../../dist/${mode}`,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
  },
}));
