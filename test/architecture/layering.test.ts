/** Who may import whom (docs/architecture.md): below knows nothing of above. */
import { statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, type Import, importsOf, read, root, sources, tests } from './source-files.ts';

interface Allowed {
  readonly rooms: readonly string[];
  /** What it may know the types of. */
  readonly types: readonly string[];
  readonly packages: readonly string[];
}

/** The rows of *Who may import whom*. */
const rooms = new Map(
  [...read('docs/architecture.md').matchAll(/^\| `(\w+)` \| (.*) \| (.*) \| (.*) \|$/gm)].map(
    ([, room = '', ...cells]): [string, Allowed] => {
      const [imported = [], types = [], packages = []] = cells.map((cell) =>
        [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? ''),
      );
      return [room, { rooms: imported, types, packages }];
    },
  ),
);

function roomOf(path: string): string {
  if (path.startsWith('machines/rules/')) return 'rules';
  if (path.startsWith('machines/')) return 'machines';
  return path.split('/').length === 2 ? 'door' : (path.split('/')[1] ?? '');
}

/** The room or package that an import names. */
function targetOf(file: string, { from }: Import): string {
  if (from.startsWith('node:')) return 'node:';
  if (from.startsWith('.')) return roomOf(normalize(join(dirname(file), from)));
  return from
    .split('/')
    .slice(0, from.startsWith('@') ? 2 : 1)
    .join('/');
}

function isAllowed(file: string, imported: Import): boolean {
  const room = roomOf(file);
  const allowed = rooms.get(room);
  const target = targetOf(file, imported);
  if (allowed === undefined) return false;
  if (target === room || [...allowed.rooms, ...allowed.packages].includes(target)) {
    return true;
  }
  return imported.isType && allowed.types.includes(target);
}

describe('layering', () => {
  it('each room imports only from rooms below it', () => {
    const forbidden = sources.flatMap((file) =>
      importsOf(file)
        .filter((imported) => !isAllowed(file, imported))
        .map(({ from }) => `${file} imports ${from}`),
    );
    expect(forbidden).toEqual([]);
  });

  it('and needs every import that it may have', () => {
    const needed = new Set(
      sources.flatMap((file) =>
        importsOf(file).map((imported) => `${roomOf(file)} → ${targetOf(file, imported)}`),
      ),
    );
    const unneeded = [...rooms].flatMap(([room, allowed]) =>
      [...allowed.rooms, ...allowed.types, ...allowed.packages]
        .map((target) => `${room} → ${target}`)
        .filter((edge) => !needed.has(edge)),
    );
    expect(unneeded).toEqual([]);
  });

  it('a client knows the keys, the vocabulary and the commands’ bytes of the key/value store, nothing else', () => {
    const ofClient = sources.filter((file) => roomOf(file) === 'client');
    const known = ofClient.flatMap((file) =>
      importsOf(file)
        .filter((imported) => targetOf(file, imported) === 'kv')
        .map(({ from }) => basename(from)),
    );
    expect([...new Set(known)].toSorted()).toEqual(['codec.ts', 'keys.ts', 'vocabulary.ts']);
  });

  it('every import of a file names that file, so that any tool can follow it', () => {
    const files = [...sources, ...tests];
    const unresolved = files.flatMap((file) =>
      importsOf(file)
        .filter(({ from }) => from.startsWith('#') || (from.startsWith('.') && !isFile(file, from)))
        .map(({ from }) => `${file} imports ${from}`),
    );
    expect(unresolved).toEqual([]);
    expect(read('package.json')).not.toContain('"imports"');
  });

  it('a file of vendor only hands on its package, so that the package can take its place', () => {
    const vendor = sources.filter((file) => roomOf(file) === 'vendor');
    expect(vendor.length).toBeGreaterThan(0);
    const own = vendor.filter((file) => {
      const handedOn = /^(?:export (?:type )?\{[^}]*\} from|import) '';$/gm;
      return codeOf(file).replaceAll(handedOn, '').trim() !== '';
    });
    expect(own).toEqual([]);
  });

  it('ports are types only: nothing in them is there at run time', () => {
    const ports = sources.filter((file) => roomOf(file) === 'ports');
    expect(ports.length).toBeGreaterThan(0);
    const atRunTime = ports.filter(
      (file) =>
        importsOf(file).some(({ isType }) => !isType) ||
        /^export (?:default|const|let|function|class|enum)\b/m.test(read(file)),
    );
    expect(atRunTime).toEqual([]);
  });
});

function isFile(importer: string, from: string): boolean {
  return (
    statSync(join(root, dirname(importer), from), { throwIfNoEntry: false })?.isFile() ?? false
  );
}
