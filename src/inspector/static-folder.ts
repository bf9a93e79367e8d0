/**
 * A built page, read into memory once: what is asked for is looked up by name, so no path leads out of
 * the folder.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, extname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface StaticFile {
  readonly bytes: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a browser shows it: it is sent with a `pagePolicy` then. */
  readonly isPage: boolean;
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
};

export class StaticFolder {
  readonly #files: ReadonlyMap<string, StaticFile>;

  private constructor(files: ReadonlyMap<string, StaticFile>) {
    this.#files = files;
  }

  /**
   * The page of that name as `npm run build` leaves it, or null when it has not been built. Pages
   * that were built elsewhere are found by `STATECRAFT_PAGES`, the folder that both are in.
   * @param base - where it is served: `/` or `/inspect/`
   */
  static built(page: 'inspector' | 'playground', base: string): StaticFolder | null {
    const pages = process.env.STATECRAFT_PAGES ?? join(packageFolder(), 'dist');
    const folder = join(pages, page);
    if (!existsSync(join(folder, 'index.html'))) return null;
    const names = readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
    const files = names.map((name): [string, StaticFile] => [
      name.split(sep).join('/'),
      {
        bytes: contentOf(join(folder, name), base),
        headers: headersOf(name),
        isPage: extname(name) === '.html',
      },
    ]);
    return new StaticFolder(new Map(files));
  }

  /** `''` is the page itself. */
  get(name: string): StaticFile | undefined {
    return this.#files.get(name === '' ? 'index.html' : name);
  }
}

/** The page names its files relative to itself; it may be asked for without a slash at its end. */
function contentOf(path: string, base: string): Buffer {
  const bytes = readFileSync(path);
  if (extname(path) !== '.html') return bytes;
  return Buffer.from(bytes.toString().replaceAll(/(src|href)="\.\//g, `$1="${base}`));
}

function headersOf(name: string): Readonly<Record<string, string>> {
  return {
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    // Another version may be served here the next time.
    'cache-control': 'no-store',
    'referrer-policy': 'no-referrer',
  };
}

/**
 * Any port of this machine: other servers may not have told their addresses yet. A scheme stands for
 * its secure one as well (CSP 3, section 6.7.2.8).
 */
export const OWN_MACHINE: readonly string[] = [
  "'self'",
  ...['127.0.0.1', 'localhost'].flatMap((host) => [`http://${host}:*`, `ws://${host}:*`]),
];

/**
 * Nothing from another host, no script but the page's own files, no frame around it.
 * @param connects - where its sockets and requests may lead
 */
export function pagePolicy(connects: readonly string[] = []): Readonly<Record<string, string>> {
  const directives = [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    `connect-src ${connects.join(' ') || "'none'"}`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ];
  return { 'content-security-policy': directives.join('; ') };
}

/** Of the package that holds this file, built or not. */
export function packageFolder(directory = dirname(fileURLToPath(import.meta.url))): string {
  const parent = dirname(directory);
  if (existsSync(join(directory, 'package.json')) || parent === directory) return directory;
  return packageFolder(parent);
}
