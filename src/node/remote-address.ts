/** Addresses as bounds count them: one machine has one, however it is written. */
import { isIPv6 } from 'node:net';

/** This machine: a proxy or our own programs, to which no bound for one address applies. */
export const LOOPBACK = 'loopback';

/**
 * A key for an address: IPv4 as it is, IPv6 without its last 64 bits, which the owner of such a
 * network chooses freely.
 */
export function addressKey(remoteAddress: string | undefined): string {
  if (remoteAddress === undefined) return 'unknown';
  const plain = remoteAddress.replace(/^::ffff:(?=[\d.]+$)/i, '');
  if (plain === '::1' || plain.startsWith('127.')) return LOOPBACK;
  return isIPv6(plain) ? `${networkOf(plain)}::/64` : plain;
}

/** The first four groups, with nothing left out. */
function networkOf(address: string): string {
  const [head = '', tail] = (address.split('%')[0] ?? '').toLowerCase().split('::');
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const missing = tail === undefined ? 0 : 8 - before.length - after.length;
  const groups = [...before, ...Array<string>(Math.max(0, missing)).fill('0'), ...after];
  return groups
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':');
}
