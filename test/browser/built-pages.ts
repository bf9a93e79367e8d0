/** The two pages, built from the sources into a folder that only tests use: never from `dist`. */
import { join, resolve } from 'node:path';
import { build } from 'vite';

const ROOT = resolve(import.meta.dirname, '../..');

export type PageName = 'playground' | 'inspector';

/** Both are in it, each in a folder of its name. */
export const builtPages = join(ROOT, 'node_modules/.cache/statecraft');

/** Where the page is once it has been built. */
export function folderOf(name: PageName): string {
  return join(builtPages, name);
}

export async function buildPage(name: PageName): Promise<string> {
  await build({
    configFile: join(ROOT, 'src/build/pages-config.ts'),
    mode: name,
    build: { outDir: folderOf(name) },
  });
  return folderOf(name);
}
