/** What options may be: numbers, durations, addresses. Each complaint names the option's value. */
import { InvalidArgumentError } from '../vendor/commander.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** `5s`, `500ms`, `1m`, or milliseconds. */
export function parseDuration(text: string): number {
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds >= 1 && milliseconds <= 3_600_000) return milliseconds;
  throw new InvalidArgumentError('Write a duration such as 5s or 500ms, at most an hour.');
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
}

const SIZES: Readonly<Record<string, number>> = {
  '': 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
};

/** `512MiB`, `2GiB`, or bytes. */
export function parseSize(text: string): number {
  const [, digits, unit = ''] = /^(\d+)(KiB|MiB|GiB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (SIZES[unit] ?? Number.NaN);
  if (bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new InvalidArgumentError('Write a size such as 512MiB or 2GiB.');
}

export function parseCount(text: string): number {
  const count = /^\d{1,9}$/.test(text) ? Number(text) : 0;
  if (count >= 1) return count;
  throw new InvalidArgumentError('Write a whole number from 1 on.');
}

/** `host:port`, with an IPv6 address in brackets. */
export function parseHostPort(text: string): HostPort {
  const [, bracketed, plain, port] =
    /^(?:\[([0-9a-f:.]+)\]|([^:[\]/\s]+)):(\d+)$/i.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (host === undefined || port === undefined) {
    throw new InvalidArgumentError('Write host:port, such as 127.0.0.1:7101.');
  }
  return { host, port: parsePort(port) };
}

/** An address that listens on every interface is nothing a client could ask. */
export function isWildcard(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** `http://host:port`; a bare `host:port` will do. */
export function parseClientAddress(text: string): string {
  const spelled = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(spelled) ? new URL(spelled) : null;
  const isAddress = url !== null && /^https?:$/.test(url.protocol) && url.pathname === '/';
  if (isAddress && url.search === '' && url.hostname !== '') return url.origin;
  throw new InvalidArgumentError('Write an address such as http://127.0.0.1:7101.');
}

/** `a=host:port,b=host:port`: where each server listens to the others. */
export function parseCluster(text: string): ReadonlyMap<string, HostPort> {
  const cluster = new Map<string, HostPort>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const id = part.slice(0, Math.max(equals, 0)).trim();
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
      throw new InvalidArgumentError('Write id=host:port for every server, with commas between.');
    }
    if (cluster.has(id)) throw new InvalidArgumentError(`Server ${id} is named twice.`);
    cluster.set(id, parseHostPort(part.slice(equals + 1).trim()));
  }
  return cluster;
}

export function parseServerCount(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 9) return count;
  throw new InvalidArgumentError('A cluster here has 1 to 9 servers; 3 or 5 is best.');
}
