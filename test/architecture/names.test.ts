/** Names say what a thing is, in full; and every name a chart uses has something behind it. */
import { basename } from 'node:path';
import { describe, expect, it } from 'vitest';
import { machines } from '../../machines/index.ts';
import { chartOf, statesWithin } from '../../src/diagram/chart.ts';
import { INLINE } from '../../src/diagram/names.ts';
import { codeOf, sources } from './source-files.ts';

const nameless = /^(?:utils?|helpers?|common|types|core|lib|constants|misc)$/;
const abbreviated =
  /\b(?:msg|idx|cfg|ents|req|resp|err|cb|ctx|buf|len|tmp|val|num|cur|curr|cmd|evt|fn|mgr|obj|arr|str|pos|conf|impl|hb|ae|rv)\b/;

describe('names', () => {
  it('a file is named after what it holds, in kebab case', () => {
    const names = sources.map((file) => basename(file).replace(/(?:\.d)?\.tsx?$/, ''));
    const strange = names.filter(
      (name) => nameless.test(name) || !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(name),
    );
    expect(strange).toEqual([]);
  });

  it('a name that is exported has one home', () => {
    const homes = new Map<string, string[]>();
    const declared =
      /^export (?:declare |abstract |async )*(?:function\*?|class|const|let|interface|type|enum) (\w+)/gm;
    for (const file of sources) {
      for (const name of new Set([...codeOf(file).matchAll(declared)].map((match) => match[1]))) {
        homes.set(name ?? '', [...(homes.get(name ?? '') ?? []), file]);
      }
    }
    expect(homes.size).toBeGreaterThan(0);
    const shared = [...homes].filter(([, files]) => files.length > 1);
    expect(shared.map(([name, files]) => `${name}: ${files.join(', ')}`)).toEqual([]);
  });

  it('nothing is abbreviated', () => {
    const found = sources.flatMap((file) => {
      const [hit] = codeOf(file).match(abbreviated) ?? [];
      return hit === undefined ? [] : [`${file}: ${hit}`];
    });
    expect(found).toEqual([]);
  });
});

describe.each(Object.entries(machines))('the %s machine', (_name, machine) => {
  const states = statesWithin(chartOf(machine.root));
  const arrows = states.flatMap((state) => state.arrows);
  const used = {
    guards: arrows.map(({ guard }) => guard).filter((guard) => guard !== ''),
    actions: [
      ...states.flatMap(({ entry, exit }) => [...entry, ...exit]),
      ...arrows.flatMap((arrow) => arrow.actions),
    ],
    delays: arrows.filter(({ kind }) => kind === 'delay').map(({ event }) => event),
  };

  // XState says nothing when an action has no implementation: it is simply not done.
  it.each(['guards', 'actions', 'delays'] as const)(
    'uses all of its %s, and has all it uses',
    (kind) => {
      const implemented = Object.keys(machine.implementations[kind]).sort();
      expect([...new Set(used[kind])].sort()).toEqual(implemented);
    },
  );

  it('has no code in its chart: guards and actions go by their names', () => {
    expect([...used.guards, ...used.actions]).not.toContain(INLINE);
  });
});
