/** The package keeps its doors, and asks little of who installs it (contracts, "Package and doors"). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { importsOf, read, root, sources } from './source-files.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { types: string; default: string }>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const manifest = JSON.parse(read('package.json')) as Manifest;
const doors: Readonly<Record<string, { values: readonly string[]; types?: readonly string[] }>> = {
  '.': {
    values: ['startServer'],
    types: ['Outcome', 'StateMachine', 'Storage', 'Transport', 'Clock', 'Random'],
  },
  './machines': {
    values: ['serverMachine', 'replicationMachine', 'requestMachine', 'machines', 'rules'],
  },
  './simulation': {
    values: [
      ...['simulate', 'checkLinearizable', 'search', 'replay'],
      ...['drop', 'delay', 'duplicate', 'reorder', 'partition', 'blockOneWay'],
    ],
  },
  './interpreter': { values: ['compiled'], types: ['InterpreterName'] },
  './node': { values: ['fileStorage', 'webSocketTransport'] },
  './kv': { values: ['keyValue'] },
  './client': { values: ['connect'] },
  './lab': { values: ['make', 'Persister'] },
  './diagram': {
    values: [
      'chartOf',
      'mermaid',
      'transitionTable',
      'layOut',
      'svg',
      'activeStateIds',
      'transitionIdOf',
    ],
    types: ['LaidOutChart', 'Drawable'],
  },
  './inspector': { values: ['inspectServer'], types: ['InspectionRecord'] },
  './testing': {
    values: ['storageContract', 'transportContract', 'stateMachineContract', 'paths'],
  },
};

/** Where the sources of a door are: tests never run on what is built. */
function sourceOf(door: string): string {
  const target = manifest.exports[door];
  if (target === undefined || typeof target === 'string') throw new Error(`no door ${door}`);
  return target.default.replace('./dist/', '').replace(/\.js$/, '.ts');
}

describe('package.json', () => {
  it('has the doors that were promised, and no others', () => {
    const named = Object.keys(manifest.exports).filter((door) => door !== './package.json');
    expect(named.sort()).toEqual(Object.keys(doors).sort());
  });

  it.each(Object.keys(doors))('names the types of %s first, then the code', (door) => {
    const target = manifest.exports[door];
    expect(Object.keys(target ?? {})).toEqual(['types', 'default']);
  });

  it('has xstate and rxjs as peers, and as nothing else', () => {
    expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['rxjs', 'xstate']);
    expect(Object.keys(manifest.dependencies)).not.toContain('xstate');
    expect(Object.keys(manifest.dependencies)).not.toContain('rxjs');
  });

  it('depends on what the library imports, and bundles the rest', () => {
    const pages = /^src\/(?:build|pages|\w+\/page)\//;
    const imported = sources
      .filter((file) => !file.startsWith('src/vendor/') && !pages.test(file))
      .flatMap((file) => importsOf(file))
      .map(({ from }) => /^(?:@[^/]+\/)?[^/.][^/]*/.exec(from)?.[0] ?? '')
      .filter((name) => name !== '' && !name.startsWith('node:'));
    const { dependencies, peerDependencies } = manifest;
    const declared = Object.keys({ ...dependencies, ...peerDependencies });
    expect([...new Set(imported)].sort()).toEqual(declared.sort());
  });

  it('has fewer than 25 direct dependencies', () => {
    const { dependencies, peerDependencies } = manifest;
    expect(Object.keys({ ...dependencies, ...peerDependencies }).length).toBeLessThan(25);
  });
});

describe.each(Object.entries(doors))('the door %s', (door, { values, types = [] }) => {
  it('opens to what was promised', async () => {
    const path = sourceOf(door);
    expect(existsSync(join(root, path)), path).toBe(true);
    const opened = (await import(pathToFileURL(join(root, path)).href)) as object;
    for (const value of values) expect(Object.keys(opened)).toContain(value);
    for (const type of types) expect(read(path)).toMatch(new RegExp(`\\b${type}\\b`));
  });
});
