/** Who may import whom (docs/architecture.md): below knows nothing of above. */
import { statSync } from 'node:fs';
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { codeOf, type Import, importsOf, read, root, sources, tests } from './source-files.ts';

/** What a room may import; behind `type`, what it may know the types of. */
const rooms: Readonly<Record<string, { rooms: string; packages: string; types?: string }>> = {
  rules: { rooms: '', packages: '' },
  /** What comes bundled, a file for each package; nothing else imports these. */
  vendor: {
    rooms: '',
    packages: 'commander elkjs fastify prom-client @peculiar/x509 reflect-metadata valibot',
  },
  /** Makes the package; is not in it. */
  build: { rooms: '', packages: 'node: vite' },
  machines: { rooms: 'rules', packages: 'xstate' },
  ports: { rooms: '', packages: '', types: 'rules rxjs xstate' },
  formats: { rooms: 'rules', packages: 'msgpackr @noble/hashes', types: 'ports' },
  /** What a client and a server's own sessions share. */
  session: { rooms: 'rules machines', packages: 'xstate', types: 'ports' },
  host: { rooms: 'rules machines formats session', packages: 'xstate rxjs', types: 'ports' },
  /** Judges histories; knows no server. */
  checker: { rooms: 'formats', packages: '' },
  simulation: {
    rooms: 'rules machines formats host checker',
    packages: 'xstate rxjs',
    types: 'ports',
  },
  node: {
    rooms: 'rules machines formats host',
    packages: 'node: rxjs ws nanoid',
    types: 'ports',
  },
  /** Loaded by its command alone, so that no other waits for it. */
  certificates: { rooms: 'rules formats host node vendor', packages: 'node:' },
  kv: { rooms: 'rules', packages: 'sorted-btree', types: 'ports checker' },
  client: {
    rooms: 'formats kv session',
    packages: '',
    types: 'rules ports',
  },
  service: {
    rooms: 'rules formats host kv node inspector vendor',
    packages: 'node:',
    types: 'ports',
  },
  cli: {
    rooms:
      'rules machines host node kv client service formats diagram feed inspector playground ' +
      'certificates vendor',
    packages: 'node:',
    types: 'ports',
  },
  lab: { rooms: 'rules machines formats host', packages: 'xstate rxjs', types: 'ports' },
  testing: { rooms: 'rules machines', packages: 'node: rxjs xstate', types: 'ports' },
  diagram: { rooms: 'machines vendor', packages: 'node: xstate' },
  feed: { rooms: '', packages: '', types: 'ports rules' },
  /** What the two pages share. */
  pages: { rooms: 'diagram', packages: 'preact @preact/signals virtual:charts' },
  inspector: {
    rooms: 'machines rules feed diagram pages node vendor',
    packages: 'node: xstate rxjs ws preact @preact/signals virtual:charts',
    types: 'ports host',
  },
  playground: {
    rooms: 'rules machines kv simulation diagram feed pages vendor',
    packages: 'xstate rxjs preact @preact/signals virtual:charts',
    types: 'ports host',
  },
  /** `src/index.ts`: the door of the library. */
  door: { rooms: 'rules host node', packages: '', types: 'ports' },
};

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
  const allowed = rooms[room];
  const target = targetOf(file, imported);
  if (allowed === undefined) return false;
  if (target === room || [allowed.rooms, allowed.packages].join(' ').split(' ').includes(target)) {
    return true;
  }
  return imported.isType && (allowed.types ?? '').split(' ').includes(target);
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

  it('a client knows the keys and the vocabulary of the key/value store, and nothing else of it', () => {
    const ofClient = sources.filter((file) => roomOf(file) === 'client');
    const known = ofClient.flatMap((file) =>
      importsOf(file)
        .filter((imported) => targetOf(file, imported) === 'kv')
        .map(({ from }) => basename(from)),
    );
    expect([...new Set(known)].toSorted()).toEqual(['keys.ts', 'vocabulary.ts']);
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
