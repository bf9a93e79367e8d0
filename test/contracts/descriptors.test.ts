/** What clients are given of the files and sockets that a process may have open. */
import { describe, expect, test } from 'vitest';
import {
  descriptorLimit,
  descriptorsForClients,
  openDescriptors,
} from '../../src/node/descriptors.ts';

test.each([
  ['all that is wanted, where there are enough', 20_000, 8_192],
  ['all that is wanted, where there is no limit', null, 8_192],
  ['what the log, snapshots and peers leave', 1_024, 864],
  ['a few even where nothing is left', 100, 16],
])('clients get %s', (_, limit, expected) => {
  expect(descriptorsForClients(limit, 8_192)).toBe(expected);
});

describe.runIf(process.platform === 'linux')('this process', () => {
  test('has a limit, and less than that open', () => {
    const limit = descriptorLimit() ?? Number.NaN;
    expect(limit).toBeGreaterThan(0);
    expect(openDescriptors()).toBeGreaterThan(3);
    expect(openDescriptors()).toBeLessThan(limit);
  });
});
