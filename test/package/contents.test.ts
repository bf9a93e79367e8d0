/** What is in the tarball fits together: links, pictures, source maps, licenses. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packedFiles, packedPackage } from './installed.ts';
import { ROOT } from './packed.ts';

const TARBALL_FILES_MAX = 2_500;

const textOf = (file: string) => readFileSync(join(packedPackage(), file), 'utf8');
const isThere = (...path: string[]) => existsSync(join(packedPackage(), ...path));

/** Everything that a page points to within the package. */
function targetsIn(page: string): readonly string[] {
  // What is shown as code is no link.
  const text = textOf(page).replaceAll(/```[\s\S]*?```|`[^`\n]*`/g, '');
  const links = /\]\(([^)\s]+)\)|\b(?:src|srcset|href)="([^"\s]+)"/g;
  return [...text.matchAll(links)]
    .map(([, inline, attribute]) => (inline ?? attribute ?? '').replace(/#.*$/, ''))
    .filter((target) => target !== '' && !/^[a-z]+:/.test(target));
}

describe('the tarball', () => {
  it('has everything that its pages link to or show', () => {
    const pages = packedFiles('.md').filter((file) => !file.startsWith('node_modules'));
    expect(pages).toEqual(expect.arrayContaining(['README.md', 'docs/architecture.md']));
    expect(targetsIn('README.md')).toContain('docs/pictures/playground-dark.png');
    const missing = pages.flatMap((page) =>
      targetsIn(page)
        .filter((target) => !isThere(dirname(page), target))
        .map((target) => `${page}: ${target}`),
    );
    expect(missing).toEqual([]);
  });

  it('keeps in its types what editors show of a name', () => {
    expect(textOf('dist/src/ports/server.d.ts')).toMatch(
      /\/\*\*\s+\* One running server[^/]*\*\/\s+export interface Server</,
    );
    expect(textOf('dist/machines/index.d.ts')).toMatch(/\*\/\s+export \* as rules/);
  });

  it('has the sources that its source maps name', () => {
    const maps = packedFiles('.map');
    expect(maps.length).toBeGreaterThan(100);
    const missing = maps.flatMap((map) => {
      const { sources, sourceRoot = '' } = JSON.parse(textOf(map)) as {
        sources: readonly string[];
        sourceRoot?: string;
      };
      return sources
        .filter((source) => !isThere(dirname(map), sourceRoot, source))
        .map((source) => `${map}: ${source}`);
    });
    expect(missing).toEqual([]);
    const unmapped = packedFiles('.js').filter((file) => {
      const [, map] = /^\/\/# sourceMappingURL=(.+)$/m.exec(textOf(file).slice(-400)) ?? [];
      return map !== undefined && !isThere(dirname(file), map);
    });
    expect(unmapped).toEqual([]);
  });

  it('has one bundle for each package of vendor, which needs nothing that is not there', () => {
    const bundles = packedFiles('.js').filter((file) => file.startsWith('dist/src/vendor/'));
    expect(bundles.map((file) => file.replace(/^.*\/|\.js$/g, '')).sort()).toEqual([
      'commander',
      'elk',
      'fastify',
      'prom-client',
      'valibot',
      'x509',
    ]);
    for (const bundle of bundles) {
      const imports = [...textOf(bundle).matchAll(/^import .*? from ["']([^"']+)["'];$/gm)];
      const required = [...textOf(bundle).matchAll(/\b__require\(["']([^"']+)["']\)/g)];
      const names = [...imports, ...required].map(([, name = '']) => name.replace(/^node:/, ''));
      expect(names.filter((name) => !builtinModules.includes(name))).toEqual([]);
    }
    // Browsers load it, too.
    expect(textOf('dist/src/vendor/elk.js')).not.toMatch(/from ?["']node:|__require\(/);
  });

  it('names the license of everything that is bundled', () => {
    const licenses = textOf('dist/third-party-licenses.txt');
    for (const name of [
      'commander',
      'elkjs',
      'fastify',
      'pino',
      'prom-client',
      'preact',
      'xstate',
      '@peculiar/x509',
      'reflect-metadata',
    ]) {
      expect(licenses).toMatch(
        new RegExp(`^${name} \\d+\\.\\d+\\.\\d+ \\(.+\\)\\nhttps?://\\S+$`, 'm'),
      );
    }
    expect(licenses).toContain('Eclipse Public License - v 2.0');
    expect(packedFiles('licenses.json')).toEqual([]);
  });

  it('says in its declarations which files are there, not which are here', () => {
    const ours = packedFiles('.d.ts').filter((file) => file.startsWith('dist/'));
    expect(ours.length).toBeGreaterThan(100);
    const named = ours.filter((file) => /['"]\.[^'"\n]*\.tsx?['"]/.test(textOf(file)));
    expect(named).toEqual([]);
  });

  it('has nothing that was left from another build, and no more files than that', () => {
    const stale = packedFiles('.js')
      .filter((file) => file.startsWith('dist/src/') || file.startsWith('dist/machines/'))
      // A bundle, whose parts have names of their own; its folder is made anew each time.
      .filter((file) => !file.startsWith('dist/src/cli/'))
      .map((file) => file.replace(/^dist\/(.*)\.js$/, '$1.ts'))
      .filter((source) => !statSync(join(ROOT, source), { throwIfNoEntry: false })?.isFile());
    expect(stale).toEqual([]);
    expect(packedFiles().length).toBeLessThan(TARBALL_FILES_MAX);
  });
});
