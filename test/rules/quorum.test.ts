/** Majorities (§5.1, §6) and the configurations they are computed from. */
import { describe, expect, test } from 'vitest';
import * as configurations from '../../machines/rules/configuration.ts';
import { firstBase } from '../../machines/rules/log.ts';
import { hasQuorum, quorumValue } from '../../machines/rules/quorum.ts';
import { clusterOf } from './states.ts';

const IDS = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const { servers: all } = clusterOf(...IDS);
const members = (...ids: string[]) => all.filter(({ id }) => ids.includes(id));

describe('a majority', () => {
  test.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i voters is %i', (voters, majority) => {
    const configuration = clusterOf(...IDS.slice(0, voters));
    expect(hasQuorum(configuration, IDS.slice(0, majority))).toBe(true);
    expect(hasQuorum(configuration, IDS.slice(0, majority - 1))).toBe(false);
  });

  test.each([
    ['counts nobody twice', ['a', 'a', 'a'], false],
    ['counts no stranger', ['a', 'x', 'y'], false],
    ['is one of all voters, not of those that answered', ['a'], false],
  ])('%s', (_, ids, expected) => {
    expect(hasQuorum(clusterOf(), ids)).toBe(expected);
  });

  test('counts no learner', () => {
    const servers = members('a', 'b', 'c').map((one) => ({ ...one, votes: one.id !== 'c' }));
    expect(hasQuorum({ servers, next: null }, ['a', 'c'])).toBe(false);
    expect(hasQuorum({ servers, next: null }, ['a', 'b'])).toBe(true);
  });

  test('of no voters at all is never reached', () => {
    expect(hasQuorum({ servers: [], next: null }, IDS)).toBe(false);
    expect(hasQuorum({ servers: members('a'), next: [] }, IDS)).toBe(false);
  });

  // From a, b, c to c, d, e (§6, joint consensus).
  test.each([
    ['of the old alone is not enough', ['a', 'b'], false],
    ['of the new alone is not enough', ['d', 'e'], false],
    ['of each is', ['a', 'b', 'd', 'e'], true],
    ['may count a member of both twice', ['a', 'c', 'd'], true],
  ])('in a joint configuration %s', (_, ids, expected) => {
    const joint = { servers: members('a', 'b', 'c'), next: members('c', 'd', 'e') };
    expect(hasQuorum(joint, ids)).toBe(expected);
  });
});

describe('the value that a majority has reached', () => {
  test.each([
    [[5], 5],
    [[5, 3], 3],
    [[5, 3, 1], 3],
    [[5, 4, 3, 1], 3],
    [[9, 1, 5, 5, 2], 5],
    [[9, 8, 7, 1, 1, 1], 1],
    [[10, 9, 100, 0, 0, 0, 8], 8],
  ])('of %j is %i', (values, expected) => {
    const configuration = clusterOf(...IDS.slice(0, values.length));
    expect(quorumValue(configuration, (id) => values[IDS.indexOf(id)] ?? 0)).toBe(expected);
  });

  test('in a joint configuration is the lesser of the two', () => {
    const joint = { servers: members('a'), next: members('b') };
    expect(quorumValue(joint, (id) => (id === 'a' ? 7 : 4))).toBe(4);
  });
});

describe('a configuration (§6)', () => {
  test('at bootstrap is sorted by id, all voters (design: bootstrap)', () => {
    expect(configurations.bootstrapConfiguration({ c: 'at-c', a: 'at-a' })).toEqual({
      servers: [
        { id: 'a', peerAddress: 'at-a', votes: true },
        { id: 'c', peerAddress: 'at-c', votes: true },
      ],
      next: null,
    });
  });

  test('names each member once, sorted, old and new', () => {
    const joint = { servers: members('b', 'c'), next: members('a', 'c') };
    expect(configurations.memberIds(joint)).toEqual(['a', 'b', 'c']);
    expect(configurations.isVoter(joint, 'a')).toBe(true);
    expect(configurations.isVoter(joint, 'd')).toBe(false);
  });

  test('has canonical bytes: equal means byte-identical', () => {
    const [a, b] = members('a', 'b') as [configurations.Member, configurations.Member];
    const { id, votes, peerAddress } = a;
    const shuffled = { next: null, servers: [b, { votes, id, peerAddress }] };
    const bytes = configurations.encodeConfiguration({ servers: [a, b], next: null });
    expect(configurations.encodeConfiguration(shuffled)).toEqual(bytes);
    expect(configurations.decodeConfiguration(bytes)).toEqual({ servers: [a, b], next: null });
  });

  test('is all that a cluster is born with: before its first entry there is index 0', () => {
    const configuration = clusterOf();
    expect(firstBase(configuration)).toMatchObject({ index: 0, term: 0, time: 0, configuration });
  });

  test('keeps learners and a change under way', () => {
    const joint = {
      servers: members('a'),
      next: members('a', 'b').map((one) => ({ ...one, votes: one.id === 'a' })),
    };
    expect(configurations.decodeConfiguration(configurations.encodeConfiguration(joint))).toEqual(
      joint,
    );
  });

  test.each([
    '{}',
    '[]',
    'null',
    '{"servers":[{"id":""}],"next":null}',
    '{"servers":[],"next":3}',
    '{"servers":[null],"next":null}',
    '{"servers":[{"id":"","peerAddress":"x","votes":true}],"next":null}',
    '{"servers":[{"id":"a","peerAddress":7,"votes":true}],"next":null}',
    '{"servers":[{"id":"a","peerAddress":"x","votes":1}],"next":null}',
    '{"servers":[{"id":"a","peerAddress":"x","votes":true},{"id":"b"}],"next":null}',
    '{"servers":[],"next":[{"id":"a","peerAddress":"x","votes":true},{"id":"b"}]}',
  ])('%s is none, and stops the server', (text) => {
    expect(() => configurations.decodeConfiguration(new TextEncoder().encode(text))).toThrow(
      /holds a configuration/,
    );
  });
});
