/** Packs and installs the package as its users do. */
import { type ExecFileException, execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

export const run = promisify(execFile);
export const ROOT = resolve(import.meta.dirname, '../..');

interface Manifest {
  readonly exports: Readonly<Record<string, unknown>>;
  readonly devDependencies: Readonly<Record<string, string>>;
}

export async function manifest(): Promise<Manifest> {
  return JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as Manifest;
}

/** What is imported to pass each door: `statecraft`, `statecraft/machines`, … */
export async function doors(): Promise<readonly string[]> {
  const { exports } = await manifest();
  return Object.keys(exports)
    .filter((door) => !door.endsWith('.json'))
    .map((door) => door.replace('.', 'statecraft'));
}

/** Builds and packs into the folder; the path of what came out. */
export async function pack(folder: string): Promise<string> {
  const { stdout } = await run('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: ROOT,
    maxBuffer: 64 * 1024 * 1024,
  });
  const [{ filename }] = JSON.parse(stdout.slice(stdout.indexOf('[\n')));
  return join(folder, filename);
}

/** What a user installs with it, of the versions that are tested here. */
export async function userPackages(): Promise<readonly string[]> {
  const { devDependencies } = await manifest();
  return ['xstate', 'rxjs', '@types/node'].map((name) => `${name}@${devDependencies[name]}`);
}

/** Runs npm under the given Node.js, and tells everything it printed. */
export async function installInto(
  folder: string,
  packages: readonly string[],
  flags: readonly string[] = [],
  node = process.execPath,
): Promise<string> {
  await writeFile(join(folder, 'package.json'), '{ "type": "module", "private": true }');
  const quiet = ['--prefer-offline', '--no-audit', '--no-fund', '--no-update-notifier'];
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  try {
    const installed = await run('npm', ['install', ...quiet, ...flags, ...packages], {
      cwd: folder,
      env,
    });
    return installed.stdout + installed.stderr;
  } catch (error) {
    const { stderr, message } = error as ExecFileException;
    const isOffline = /ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|ENOTCACHED/.test(stderr ?? '');
    const reason = isOffline ? 'the registry of npm cannot be reached' : (stderr ?? message);
    throw new Error(`npm could not install ${packages.join(' ')}: ${reason}`);
  }
}
