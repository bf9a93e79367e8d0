/**
 * What the package exports: every name of every door with its type stands in `exports.txt`, so that
 * a change of it is seen (`UPDATE_EXPORTS=1` writes it anew, and the changelog says what changed);
 * and whoever hovers over a name reads what it is. Asked of the compiler, which knows what an editor
 * would show.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { API as Api, Checker, Symbol as Named, Project } from 'typescript/unstable/sync';
import { API, SymbolFlags } from 'typescript/unstable/sync';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { read, root } from './source-files.ts';

interface Manifest {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>;
}

const doors = Object.entries((JSON.parse(read('package.json')) as Manifest).exports).flatMap(
  ([door, target]) =>
    typeof target === 'string'
      ? []
      : [{ door, file: target.default.replace('./dist/', '').replace(/\.js$/, '.ts') }],
);

let api: Api;
let project: Project;
let checker: Checker;

beforeAll(() => {
  const config = join(root, 'tsconfig.json');
  api = new API({ cwd: root });
  project = api.updateSnapshot({ openProjects: [config] }).getProject(config) as Project;
  checker = project.checker;
}, 60_000);

afterAll(() => api?.close());

/** What a door exports, each with what it stands for. */
function exportsOf(file: string): readonly { readonly name: string; readonly meant: Named }[] {
  const source = project.program.getSourceFile(join(root, file));
  const module = source && checker.getSymbolAtLocation(source);
  if (module === undefined) throw new Error(`${file} is no module of tsconfig.json`);
  return checker.getExportsOfModule(module).map((exported) => {
    const isAlias = (exported.flags & SymbolFlags.Alias) !== 0;
    const isModule = isAlias && isNamespace(exported);
    const meant = isAlias && !isModule ? checker.getAliasedSymbol(exported) : exported;
    return { name: exported.name, meant };
  });
}

/** `export * as`: said where it is exported, since a file's header is about the file. */
function isNamespace(exported: Named): boolean {
  return (checker.getAliasedSymbol(exported).flags & SymbolFlags.ValueModule) !== 0;
}

const GOLDEN = 'test/architecture/exports.txt';

/** A line for the name, and one for each member that a user of it may name. */
function linesOf({ name, meant }: { readonly name: string; readonly meant: Named }): string[] {
  if ((meant.flags & SymbolFlags.Alias) !== 0) return [`  module ${name}`];
  if ((meant.flags & (SymbolFlags.Interface | SymbolFlags.Class)) !== 0) {
    const kind = (meant.flags & SymbolFlags.Class) !== 0 ? 'class' : 'interface';
    const isParameter = ({ flags }: Named) => (flags & SymbolFlags.TypeParameter) !== 0;
    const own = [...meant.getMembers().values()];
    // An interface that only gives another type a name has the members of that type.
    const all =
      own.length > 0 ? own : checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(meant));
    const members = all.filter((member) => isPublic(member) && !isParameter(member));
    return [
      `  ${kind} ${name}`,
      ...members.map((member) => `    ${member.name}: ${typeOf(member)}`).sort(),
    ];
  }
  if ((meant.flags & SymbolFlags.TypeAlias) !== 0) {
    return [`  type ${name} = ${text(checker.getDeclaredTypeOfSymbol(meant), IN_ALIAS)}`];
  }
  return [`  ${name}: ${typeOf(meant)}`];
}

function typeOf(symbol: Named): string {
  const type = checker.getTypeOfSymbol(symbol);
  return type === undefined ? '?' : text(type);
}

const NO_TRUNCATION = 1;
const IN_ALIAS = 1 << 23;
/** Machines' types are pages long, and say nothing that a reader could check. */
const LENGTH_MAX = 400;

function text(type: Parameters<Checker['typeToString']>[0], flags = 0): string {
  const printed = checker.typeToString(type, undefined, NO_TRUNCATION | flags);
  // Where a name is declared is a path of this machine.
  const whole = printed.replaceAll(/import\("[^"]*"\)\./g, '');
  return whole.length > LENGTH_MAX ? `${whole.slice(0, LENGTH_MAX)} …` : whole;
}

function isBare(symbol: Named): boolean {
  return textAbove(symbol) === '';
}

/** The sentences above a declaration, without its tags: a `@throws` alone says not what it is. */
function textAbove(symbol: Named): string {
  const said = checker.getDocumentationCommentOfSymbol(symbol).trim();
  if (said !== '') return said;
  // The compiler does not look above `export * as`.
  return (symbol.flags & SymbolFlags.Alias) === 0 ? '' : commentAbove(symbol);
}

function commentAbove({ declarations }: Named): string {
  const node = declarations[0]?.resolve(project);
  if (node === undefined) return '';
  const before = node.getSourceFile().text.slice(0, node.parent.getStart());
  return /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/.exec(before)?.[1]?.trim() ?? '';
}

function methodsOf(symbol: Named): readonly Named[] {
  if ((symbol.flags & (SymbolFlags.Interface | SymbolFlags.Class)) === 0) return [];
  return [...symbol.getMembers().values()].filter(
    (member) => (member.flags & SymbolFlags.Method) !== 0 && isPublic(member),
  );
}

function isPublic(member: Named): boolean {
  const isInternal = checker.getJsDocTagsOfSymbol(member).some(({ name }) => name === 'internal');
  return !isInternal && !/^(?:#|__)/.test(member.name);
}

it('the doors export what exports.txt says', () => {
  const now = doors
    .flatMap(({ door, file }) => [
      `statecraft${door.slice(1)}`,
      ...[...exportsOf(file)].sort((a, b) => (a.name < b.name ? -1 : 1)).flatMap(linesOf),
      '',
    ])
    .join('\n');
  if (process.env.UPDATE_EXPORTS === '1') writeFileSync(join(root, GOLDEN), now);
  else expect(now).toBe(read(GOLDEN));
}, 60_000);

describe.each(doors)('the door $door', ({ file }) => {
  it('says of everything that it exports what it is', () => {
    const exported = exportsOf(file);
    expect(exported.length).toBeGreaterThan(0);
    const bare = exported.filter(({ meant }) => isBare(meant)).map(({ name }) => name);
    expect(
      bare,
      'write one plain sentence above its declaration: what it is, units, errors',
    ).toEqual([]);
  });

  it('says of every method what it does', () => {
    const bare = exportsOf(file).flatMap(({ name, meant }) =>
      methodsOf(meant)
        .filter(isBare)
        .map((method) => `${name}.${method.name}`),
    );
    expect(bare, 'write one plain sentence above it: what it does, when it settles').toEqual([]);
  });
});
