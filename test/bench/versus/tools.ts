/** What has to be installed, and programs in Go, built when they have changed. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';

const CACHE = resolve(import.meta.dirname, '../../../node_modules/.cache/statecraft');
/** Where Debian puts the sources of Go packages. */
const DEBIAN_GOPATH = '/usr/share/gocode';
const ETCD_CLIENT = 'src/go.etcd.io/etcd/clientv3';

/** The first line of what a program says of its version; null when it is not installed. */
export function versionOf(program: string, ...flags: readonly string[]): string | null {
  const asked = flags.length > 0 ? flags : ['--version'];
  const { status, stdout } = spawnSync(program, asked, { encoding: 'utf8' });
  return status === 0 ? (stdout.split('\n')[0] ?? '') : null;
}

export interface Installed {
  /** The server; null where it does not matter. */
  readonly etcd: boolean | null;
  readonly go: boolean;
  readonly etcdSources: boolean;
}

export function whatIsInstalled(needsEtcd: boolean): Installed {
  return {
    etcd: needsEtcd ? versionOf('etcd') !== null : null,
    go: versionOf('go', 'version') !== null,
    etcdSources: existsSync(join(goPath(), ETCD_CLIENT)),
  };
}

/** One line that says what is missing and what to do; null when nothing is. */
export function missing({ etcd, go, etcdSources }: Installed): string | null {
  const absent = [
    ...(etcd !== false ? [] : [['etcd', 'etcd-server']]),
    ...(go ? [] : [['go', 'golang-go']]),
    ...(etcdSources ? [] : [["etcd's packages for Go", 'golang-etcd-server-dev']]),
  ];
  if (absent.length === 0) return null;
  const names = absent.map(([name]) => name).join(', ');
  const packages = absent.map(([, name]) => name).join(' ');
  return `not installed: ${names}. Nothing is measured. On Debian 12: apt-get install ${packages}`;
}

const goPath = () => process.env.GOPATH ?? DEBIAN_GOPATH;

/** Builds the program in the folder beside this file; a program that is newer than its sources stays. */
export function builtGo(name: string): string {
  const folder = join(import.meta.dirname, name);
  const program = join(CACHE, `bench-${name}`);
  const newest = Math.max(
    ...readdirSync(folder).map((file) => statSync(join(folder, file)).mtimeMs),
  );
  if ((statSync(program, { throwIfNoEntry: false })?.mtimeMs ?? 0) > newest) return program;
  mkdirSync(CACHE, { recursive: true });
  const env = { ...process.env, GO111MODULE: 'off', GOPATH: goPath() };
  const { status } = spawnSync('go', ['build', '-o', program, '.'], {
    cwd: folder,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`go build failed in ${folder}`);
  return program;
}
