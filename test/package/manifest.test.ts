/** What an install of this repository finds: the lockfile of every platform, and no script to run. */
import { describe, expect, it } from 'vitest';
import { read } from '../architecture/source-files.ts';

type Versions = Readonly<Record<string, string>>;

interface Declared {
  readonly dependencies: Versions;
  readonly devDependencies: Versions;
  readonly peerDependencies: Versions;
}

interface Locked {
  readonly hasInstallScript?: boolean;
  readonly optional?: boolean;
  readonly dev?: boolean;
  readonly optionalDependencies?: Versions;
}

const manifest = JSON.parse(read('package.json')) as Declared & {
  readonly allowScripts: Readonly<Record<string, boolean>>;
};
const lock = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<Record<string, Locked & Partial<Declared>>>;
};
const installed = Object.entries(lock.packages).filter(([path]) =>
  path.startsWith('node_modules/'),
);

describe('package.json', () => {
  it('needs no install script of a dependency', () => {
    const needed = installed
      .filter(([, entry]) => entry.hasInstallScript && !entry.optional && !entry.dev)
      .map(([path]) => path);
    expect(needed).toEqual([]);
  });

  it('denies every install script by name, so that npm does not ask about it', () => {
    const scripted = installed
      .filter(([, entry]) => entry.hasInstallScript)
      .map(([path]) => [path.replace(/^.*node_modules\//, ''), false]);
    expect(manifest.allowScripts).toEqual(Object.fromEntries(scripted));
  });
});

describe('package-lock.json', () => {
  // An install does not write it (.npmrc), so nothing else would notice that it is behind.
  it('was made for this package.json', () => {
    const { dependencies, devDependencies, peerDependencies } = lock.packages[''] ?? {};
    expect(dependencies).toEqual(manifest.dependencies);
    expect(devDependencies).toEqual(manifest.devDependencies);
    expect(peerDependencies).toEqual(manifest.peerDependencies);
  });

  it('has the packages of every platform', () => {
    const missing = installed.flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => {
          const nested = `${path}/node_modules/${name}`;
          return !(nested in lock.packages || `node_modules/${name}` in lock.packages);
        })
        .map((name) => `${path} wants ${name}`),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry', () => {
    expect(read('package-lock.json')).not.toMatch(/"resolved"|https?:\/\/[^"]*\.tgz/);
  });
});
