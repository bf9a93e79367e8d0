/** No guard, action or rule asks which role the server is in: the state it is in has said so (§5.2). */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { serverMachine } from '../../machines/server.ts';

const root = new URL('../../machines/', import.meta.url);
const files = ['vocabulary.ts', 'follower.ts', 'candidate.ts', 'leader.ts'].concat(
  readdirSync(new URL('rules/', root)).map((name) => `rules/${name}`),
);
const withoutComments = (text: string) =>
  text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/\/\/.*$/gm, '');

test.each(files)('%s', (file) => {
  const code = withoutComments(readFileSync(new URL(file, root), 'utf8'));
  expect(code).not.toMatch(/\broleOf\b|\.matches\(|\bstateIn\b|\bsnapshot\.value\b/);
  expect(code).not.toMatch(/\brole\b/);
  expect(code).not.toMatch(/[=!]==? '(follower|candidate|leader)'/);
});

describe('the charts hold names, no code', () => {
  type Configured = { readonly [key: string]: unknown };
  const functionsIn = (value: unknown, path: string): string[] => {
    if (typeof value === 'function') return [path];
    if (typeof value !== 'object' || value === null) return [];
    return Object.entries(value as Configured).flatMap(([key, inner]) =>
      // Parameters only hand the event on.
      key === 'params' || key === 'context' ? [] : functionsIn(inner, `${path}.${key}`),
    );
  };

  test('every guard, action and delay of the server is referred to by its name', () => {
    const { on, states } = serverMachine.config;
    expect(functionsIn({ on, states }, 'server')).toEqual([]);
  });

  test('and every name has its implementation: XState would pass over a missing action in silence', () => {
    const named = new Set<string>();
    const collect = (value: unknown, key = ''): void => {
      if (typeof value === 'string' && ['actions', 'entry', 'exit'].includes(key)) named.add(value);
      if (Array.isArray(value)) for (const inner of value) collect(inner, key);
      else if (typeof value === 'object' && value !== null) {
        const { type } = value as { type?: unknown };
        if (['actions', 'entry', 'exit'].includes(key) && typeof type === 'string') named.add(type);
        for (const [at, inner] of Object.entries(value)) collect(inner, at);
      }
    };
    collect(serverMachine.config);
    expect(named.size).toBeGreaterThan(30);
    const known = Object.keys(serverMachine.implementations.actions);
    expect([...named].filter((name) => !known.includes(name))).toEqual([]);
    expect(known.filter((name) => !named.has(name))).toEqual([]);
  });
});
