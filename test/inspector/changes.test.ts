import { describe, expect, it } from 'vitest';
import { changedPaths } from '../../src/inspector/changes.ts';

const changes = (before: unknown, after: unknown) => [...changedPaths(before, after)].sort();

describe('what has changed', () => {
  it('nothing, when everything is equal, also in copies', () => {
    expect(changes({ a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 2] } })).toEqual([]);
  });

  it('a value, and whatever holds it', () => {
    expect(changes({ a: 1, b: { c: [1, 2] } }, { a: 1, b: { c: [1, 3] } })).toEqual([
      '',
      '/b',
      '/b/c',
      '/b/c/1',
    ]);
  });

  it('a field that is new, one that is gone, and one of another kind', () => {
    expect(changes({}, { a: 1 })).toEqual(['', '/a']);
    expect(changes({ a: { b: 1, c: 1 } }, { a: { b: 1 } })).toEqual(['', '/a']);
    expect(changes({ a: [] }, { a: {} })).toEqual(['', '/a']);
    expect(changes({ a: null }, { a: {} })).toEqual(['', '/a']);
  });

  it('names with slashes are no deeper than others', () => {
    expect(changes({ 'a/b': 1 }, { 'a/b': 2 })).toEqual(['', '/a~1b']);
  });
});
