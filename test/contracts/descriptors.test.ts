/** How many connections there may be, by how many descriptors there are. */
import { expect, it } from 'vitest';
import { connectionsWithin, descriptorsMax } from '../../src/node/descriptors.ts';

const text = (soft: string) =>
  `Limit                     Soft Limit           Hard Limit           Units     \nMax open files            ${soft}                 4096                 files     \n`;

it('the limit is read from where the system says it', () => {
  expect(descriptorsMax(text('1024'))).toBe(1024);
  expect(descriptorsMax(text('unlimited'))).toBeNull();
  expect(descriptorsMax('something else')).toBeNull();
  expect(descriptorsMax(null)).toBeNull();
});

it.each([
  [null, 8_192],
  [1_048_576, 8_192],
  [1_024, 768],
  [512, 256],
  [256, 128],
  [2, 1],
])(
  'of %s descriptors clients get %s connections: the rest is the server’s own',
  (max, connections) => {
    expect(connectionsWithin(8_192, max)).toBe(connections);
  },
);
