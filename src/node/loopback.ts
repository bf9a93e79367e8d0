/** Which hosts are this very machine. */
import { isIP } from 'node:net';

/** `localhost`, 127.0.0.0/8 and ::1, also in brackets or written as IPv6. */
export function isLoopback(host: string): boolean {
  const name = host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
  if (name === 'localhost' || name === '::1') return true;
  const plain = name.replace(/^::ffff:/, '');
  return isIP(plain) === 4 && plain.startsWith('127.');
}
