/** Who counts as one when bounds are shared out by address, and how they are shared. */
import { describe, expect, test } from 'vitest';
import { addressKey, LOOPBACK } from '../../src/node/remote-address.ts';
import { limitOf, MemoryBudget } from '../../src/service/budget.ts';

describe('a remote address', () => {
  test.each([
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['127.0.0.1', LOOPBACK],
    ['::ffff:127.1.2.3', LOOPBACK],
    ['::1', LOOPBACK],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['::2', '0:0:0:0::/64'],
    [undefined, 'unknown'],
  ])('%s counts as %s', (address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});

describe('a budget', () => {
  test('is bounded in total, and one address takes no more than its share', () => {
    const budget = new MemoryBudget(limitOf(100, 40), 'bytes');
    expect(budget.take('a', 40)).toBe(true);
    expect(budget.obstacle('a', 1)).toBe('share');
    expect(budget.take('b', 40)).toBe(true);
    expect(budget.obstacle('c', 21)).toBe('total');
    expect(budget.take('c', 21)).toBe(false);
    expect(budget.used).toBe(80);
    budget.giveBack('a', 40);
    expect(budget.take('c', 21)).toBe(true);
    expect(budget.take('a', 40)).toBe(false);
    expect(budget.take('a', 39)).toBe(true);
  });

  test('may all be taken from this machine, where a proxy may be', () => {
    const budget = new MemoryBudget(limitOf(100), 'bytes');
    expect(budget.limit.perAddressMax).toBe(25);
    expect(budget.take(LOOPBACK, 100)).toBe(true);
    expect(budget.obstacle(LOOPBACK, 1)).toBe('total');
  });
});
