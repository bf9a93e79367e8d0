/** What options may be: numbers, durations, addresses. Each complaint names the option's value. */
import { CLIENT_ADDRESS, isWildcard, PEER_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where a server listens to the others; without a scheme, what is safe there. */
export interface PeerAddress extends HostPort {
  readonly scheme?: 'ws' | 'wss';
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000 };

/** `5s`, `500ms`, `1m`, or milliseconds. */
export function parseDuration(text: string): number {
  const [, digits, unit = 'ms'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(text) ?? [];
  const milliseconds = Number(digits) * (UNITS[unit] ?? Number.NaN);
  if (milliseconds >= 1 && milliseconds <= 3_600_000) return milliseconds;
  throw new InvalidArgumentError('Write a duration such as 5s or 500ms, at most an hour.');
}

/** As it would be written: `5s`, `500ms`. */
export function durationText(milliseconds: number): string {
  const isWhole = milliseconds >= 1_000 && milliseconds % 1_000 === 0;
  return isWhole ? `${milliseconds / 1_000}s` : `${milliseconds}ms`;
}

const SIZE_UNITS: Readonly<Record<string, number>> = {
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** As it would be written: `64MiB`, `1500`. */
export function sizeText(bytes: number): string {
  const units = Object.entries(SIZE_UNITS).reverse();
  const [unit, size] = units.find(([, each]) => bytes >= each && bytes % each === 0) ?? ['', 1];
  return `${bytes / size}${unit}`;
}

/** `2GiB`, `512MiB`, or bytes. */
export function parseBytes(text: string): number {
  const [, digits, unit] = /^(\d{1,15})(KiB|MiB|GiB|TiB)?$/.exec(text) ?? [];
  const bytes = Number(digits) * (unit === undefined ? 1 : (SIZE_UNITS[unit] ?? Number.NaN));
  if (Number.isSafeInteger(bytes) && bytes >= 1) return bytes;
  throw new InvalidArgumentError('Write a number of bytes, or a size such as 512MiB or 2GiB.');
}

export function parsePort(text: string): number {
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new InvalidArgumentError('A port is a whole number from 1 to 65535.');
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
  const why = isWildcard(host) ? null : whyNotAddress(`ws://${text}`, PEER_ADDRESS);
  if (why !== null) throw new InvalidArgumentError(`"${text}" ${why}.`);
  return { host, port: parsePort(port) };
}

/**
 * `http://host:port`; a bare `host:port` will do. Only a URL may leave out its port, since a bare
 * name is more likely half an address than one at port 80.
 */
export function parseClientAddress(text: string): string {
  const hasScheme = text.includes('://');
  const spelled = hasScheme ? text : `http://${text}`;
  const why = whyNotAddress(spelled, { ...CLIENT_ADDRESS, hasDefaultPort: hasScheme });
  if (why === null) return new URL(spelled).origin;
  throw new InvalidArgumentError(`"${text}" ${why}, such as http://127.0.0.1:7101.`);
}

/** `a=host:port,b=wss://host:port`: where each server listens to the others. */
export function parseCluster(text: string): ReadonlyMap<string, PeerAddress> {
  const cluster = new Map<string, PeerAddress>();
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const id = part.slice(0, Math.max(equals, 0)).trim();
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(id)) {
      throw new InvalidArgumentError('Write id=host:port for every server, with commas between.');
    }
    if (cluster.has(id)) throw new InvalidArgumentError(`Server ${id} is named twice.`);
    const [, scheme, address = ''] =
      /^(?:(wss?):\/\/)?(.*)$/s.exec(part.slice(equals + 1).trim()) ?? [];
    const hostPort = parseHostPort(address);
    const why = whyNotAddress(`ws://${address}`, PEER_ADDRESS);
    if (why !== null) {
      throw new InvalidArgumentError(
        `The address of server ${id}, ${address}, ${why} (--peer-addr says where it listens).`,
      );
    }
    cluster.set(id, scheme === 'ws' || scheme === 'wss' ? { ...hostPort, scheme } : hostPort);
  }
  return cluster;
}

export function parseServerCount(text: string): number {
  const count = /^\d{1,2}$/.test(text) ? Number(text) : 0;
  if (count >= 1 && count <= 9) return count;
  throw new InvalidArgumentError('A cluster here has 1 to 9 servers; 3 or 5 is best.');
}
