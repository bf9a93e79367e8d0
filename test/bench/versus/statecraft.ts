/** Statecraft as `npm start` starts it: the built package, three processes of `statecraft server`. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { MEMORY_ENVIRONMENT } from '../../../src/cli/memory-at-rest.ts';
import { isReady, leaderAmong } from '../../cluster/statuses.ts';
import { IDS, type Place, type Store, startProcess } from './store.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const BUILT = join(ROOT, 'dist/src/cli/main.js');

interface Manifest {
  readonly version: string;
  readonly scripts: { readonly start: string };
}

const manifest = () => JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;

/** Builds it when it is older than what it is built from: what is measured is what is here. */
export function buildIfStale(): void {
  const builtAt = statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const sources = ['machines', 'src'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
      join(ROOT, folder, name),
    ),
  );
  const newest = Math.max(...sources.map((path) => statSync(path).mtimeMs));
  if (newest <= builtAt) return;
  process.stderr.write('dist is older than the sources: npm run build\n');
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: ROOT,
    stdio: 'inherit',
  });
  if (status !== 0) throw new Error('npm run build failed');
}

async function leader({ clientPorts }: Place): Promise<string | null> {
  const endpoints = IDS.map((id) => `http://127.0.0.1:${clientPorts[id]}`);
  const ready = await Promise.all(endpoints.map(isReady));
  if (ready.includes(false)) return null;
  return (await leaderAmong(endpoints))?.leaderClientAddress ?? null;
}

/**
 * @param door - the load generator's name for how clients talk to it
 * @param environment - of its processes, besides that of this one
 */
export function statecraft(
  title: string,
  door: string,
  environment: Readonly<Record<string, string>> = {},
): Store {
  const { version, scripts } = manifest();
  // With the flags of Node.js that `npm start` has.
  const command = `${scripts.start.replace(/ cluster$/, ' server')} "$@"`;
  const local = (port: number) => `127.0.0.1:${port}`;
  return {
    title,
    version: `Statecraft ${version}, Node.js ${process.version}`,
    loadFlags: ['-store', door],
    start: (id, { directory, clientPorts, peerPorts, peersFindAt }, isFirst) =>
      startProcess(
        [
          ...(['sh', '-c', command, 'sh', '--id', id, '--data-dir', join(directory, id)] as const),
          ...['--cluster', IDS.map((each) => `${each}=${local(peersFindAt[each])}`).join(',')],
          ...['--client-addr', local(clientPorts[id]), '--peer-addr', local(peerPorts[id])],
          ...(isFirst ? ['--bootstrap'] : []),
        ],
        { id, directory },
        {
          cwd: ROOT,
          env: {
            ...MEMORY_ENVIRONMENT,
            ...process.env,
            ...environment,
            XDG_STATE_HOME: directory,
          },
        },
      ),
    leader,
  };
}
