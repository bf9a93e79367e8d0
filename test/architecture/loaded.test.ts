/** What each command loads: nothing that it does not need, so that a command takes no longer. */
import { basename, dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMANDS } from '../../src/cli/command-list.ts';
import { importsOf, read } from './source-files.ts';

const LIST = 'src/cli/command-list.ts';

/** The files and packages that are loaded with these: not what they load when they need it. */
function loadedWith(...files: readonly string[]): ReadonlySet<string> {
  const loaded = new Set<string>(files);
  for (const file of loaded) {
    // A file of vendor stands for its package.
    if (!file.endsWith('.ts') || file.startsWith('src/vendor/')) continue;
    const text = read(file);
    for (const { from, isType } of importsOf(file)) {
      const isLater = text.includes(`import('${from}')`);
      const isOfTypes = isType || onlyTypes(text, from);
      if (isLater || isOfTypes || from.startsWith('node:')) continue;
      loaded.add(from.startsWith('.') ? normalize(join(dirname(file), from)) : from);
    }
  }
  return loaded;
}

/** `import { type One, type Other } from …` loads nothing, either: the compiler leaves it out. */
function onlyTypes(text: string, from: string): boolean {
  const [, names] = new RegExp(`import \\{([^}]*)\\} from '${from}';`).exec(text) ?? [];
  const listed = names?.split(',').map((name) => name.trim());
  return listed?.filter((name) => name !== '').every((name) => name.startsWith('type ')) ?? false;
}

/** Where the code of that command is; null for one that needs no file of its own. */
function fileOf(name: string): string | null {
  const row = new RegExp(`name: '${name}',[\\s\\S]*?load: ([^\\n]*)`).exec(read(LIST));
  const [, file] = /import\('\.\/([^']+)'\)/.exec(row?.[1] ?? '') ?? [];
  return file === undefined ? null : `src/cli/${file}`;
}

/** With the program itself. */
function loadedBy(name: string): readonly string[] {
  const file = fileOf(name);
  const program = ['src/cli/main.ts', 'src/cli/program.ts'];
  return [...loadedWith(...program, ...(file === null ? [] : [file]))];
}

/** Rooms and packages. */
function partsOf(files: readonly string[]): readonly string[] {
  const parts = files.map((file) => {
    if (!file.endsWith('.ts') || file.startsWith('src/vendor/')) return file;
    return file.startsWith('machines/') ? 'machines' : dirname(file).replace(/^src\//, '');
  });
  return [...new Set(parts)].toSorted();
}

const PROGRAM = ['cli', 'formats', 'node', 'src/vendor/commander.ts'];
const CLIENT = [
  ...PROGRAM,
  ...['client', 'interpreter', 'kv', 'machines', 'session', 'streaming', 'xstate'],
];

describe('what is loaded', () => {
  it('for the version is next to nothing', () => {
    expect([...loadedWith('src/cli/main.ts')].toSorted()).toEqual([
      'src/cli/exit-codes.ts',
      'src/cli/main.ts',
      'src/cli/node-version.ts',
      'src/formats/printable.ts',
    ]);
  });

  it('for the help is the list of the commands, and no command', () => {
    const loaded = loadedBy('version');
    expect(partsOf(loaded)).toEqual(PROGRAM.toSorted());
    expect(loaded.filter((file) => /-commands?\./.test(file))).toEqual([]);
  });

  it.each(['put', 'get', 'append', 'delete', 'list', 'status', 'health'])(
    'by %s is a client, and nothing of a server',
    (name) => {
      const loaded = loadedBy(name);
      const others = partsOf(loaded).filter((part) => !CLIENT.includes(part));
      expect(others).toEqual([]);
      const ofNode = loaded.filter((file) => file.startsWith('src/node/'));
      const needed = ['http-requests.ts', 'real-time.ts', 'this-package.ts'];
      expect(ofNode.filter((file) => !needed.includes(basename(file)))).toEqual([]);
    },
  );

  it('by the supervisor of a cluster is no server', () => {
    const loaded = loadedBy('cluster');
    expect(loaded.filter((file) => file.startsWith('src/host/'))).toEqual(['src/host/errors.ts']);
    const packages = loaded.filter((file) => !file.endsWith('.ts') || file.includes('vendor'));
    // The digest of the servers' names is the cluster's.
    const others = packages.filter((name) => !name.startsWith('@noble/hashes/'));
    expect(others).toEqual(['src/vendor/commander.ts']);
  });

  it('by a server is nothing that makes certificates, or draws', () => {
    const loaded = loadedBy('server');
    expect(loaded).toContain('src/vendor/fastify.ts');
    expect(loaded.filter((file) => /elk|x509|certificates\//.test(file))).toEqual([]);
  });

  it('is known of every command', () => {
    const without = COMMANDS.map(({ name }) => name).filter((name) => fileOf(name) === null);
    expect(without).toEqual(['version']);
  });
});
