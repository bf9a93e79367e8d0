/** One file with the license of every package that is bundled, from the lists that bundling leaves. */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const DIST = join(ROOT, 'dist');

/** As Vite's `build.license` writes it. */
interface Bundled {
  readonly name: string;
  readonly version: string;
  readonly identifier?: string;
  readonly text?: string;
}

const { packages: locked } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { version?: string }>;
};

const HEAD = `Third-party packages that are bundled in this one, with their licenses.

dist/src/vendor has one bundle for each of commander, elkjs, fastify, prom-client, valibot and
@peculiar/x509; dist/src/cli contains RxJS; dist/playground and dist/inspector are web pages. The
source code of each package is at the address below it.
`;

/** Writes `dist/third-party-licenses.txt`, and takes the lists away. */
export function writeLicenses(): void {
  const lists = readdirSync(DIST, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('licenses.json'))
    .map((path) => join(DIST, path));
  const packages = new Map<string, Bundled>();
  for (const list of lists) {
    for (const bundled of JSON.parse(readFileSync(list, 'utf8')) as readonly Bundled[]) {
      packages.set(`${bundled.name} ${bundled.version}`, bundled);
    }
    rmSync(list);
  }
  const sorted = [...packages].sort(([one], [other]) => (one < other ? -1 : 1));
  const sections = sorted.map(([title, bundled]) => sectionOf(title, bundled));
  writeFileSync(join(DIST, 'third-party-licenses.txt'), [HEAD, ...sections].join('\n'));
}

function sectionOf(title: string, bundled: Bundled): string {
  const { identifier, text } = bundled;
  if (identifier === undefined) throw new Error(`${title} is bundled, and names no license`);
  const noText = `It comes without a text of its own; its package.json says "${identifier}".`;
  return `${'='.repeat(80)}\n${title} (${identifier})\n${sourceOf(bundled)}\n\n${text ?? noText}\n`;
}

/** Where its package.json says that its source code is: some licenses ask for that, too. */
function sourceOf({ name, version }: Bundled): string {
  const [folder = ''] =
    Object.entries(locked).find(
      ([path, entry]) => path.endsWith(`node_modules/${name}`) && entry.version === version,
    ) ?? [];
  const manifest = JSON.parse(readFileSync(join(ROOT, folder, 'package.json'), 'utf8'));
  const { repository } = manifest as { repository?: string | { url: string } };
  const address = typeof repository === 'object' ? repository.url : repository;
  if (address === undefined) throw new Error(`${name} is bundled, and names no repository`);
  return address
    .replace(/^git\+/, '')
    .replace(/^git:\/\//, 'https://')
    .replace(/^(?:github:)?([\w-]+\/[\w.-]+)$/, 'https://github.com/$1')
    .replace(/^(?:ssh:\/\/)?git@([^:/]+)[:/]/, 'https://$1/');
}
