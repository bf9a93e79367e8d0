/** Names in little room. */
import { describe, expect, it } from 'vitest';
import { distinctive, lastPartOf, parted, shortened } from '../../src/inspector/names.ts';

const apart = (...names: string[]) => [...distinctive(names).values()];

describe('a name', () => {
  it('of an actor is the last part', () => {
    expect(lastPartOf('server/b')).toBe('b');
    expect(lastPartOf('node-1')).toBe('node-1');
  });

  it('that is too long keeps its beginning and its end', () => {
    expect(shortened('child-100', 9)).toBe('child-100');
    expect(shortened('child-100', 5)).toBe('ch…00');
    expect(shortened('child-100', 1)).toBe('c…0');
  });

  it('is parted before whole words, or within one that is too long', () => {
    expect(parted('node-1', 8)).toEqual(['node-1', '']);
    expect(parted('production-frankfurt-srv-1', 8)).toEqual(['production-frankfurt-', 'srv-1']);
    expect(parted('alongnamewithoutanybreak', 8)).toEqual(['alongnamewithout', 'anybreak']);
    expect(parted('production-frankfurt-', 8)).toEqual(['production-fr', 'ankfurt-']);
  });
});

describe('what tells names apart', () => {
  it('are the words that not all of them begin and end with', () => {
    expect(apart('node-1', 'node-2', 'node-10')).toEqual(['1', '2', '10']);
    expect(apart('node1', 'node12')).toEqual(['1', '12']);
    expect(apart('eu-1.raft.example', 'us-2.raft.example')).toEqual(['eu-1', 'us-2']);
    expect(apart('alpha', 'alpine')).toEqual(['alpha', 'alpine']);
  });

  it('is never nothing', () => {
    expect(apart('node-1')).toEqual(['node-1']);
    expect(apart('node', 'node-1')).toEqual(['node', 'node-1']);
    expect(apart('a-a', 'a-a-a')).toEqual(['a', 'a-a']);
    expect(apart()).toEqual([]);
  });
});
