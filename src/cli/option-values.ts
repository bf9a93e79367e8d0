/** Parsers of option values: numbers, durations, sizes, addresses. A complaint says what to write. */
import { CLIENT_ADDRESS, isWildcard, PEER_ADDRESS, whyNotAddress } from '../formats/address.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';

export interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** Where a server listens to the others; without a scheme, whichever is safe there. */
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

/** As one would write it: `5s`, `500ms`. */
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

/** As one would write it: `64MiB`, `1500`. */
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

/** A parser of whole numbers, both ends included. */
export function wholeNumber(from: number, through: number, complaint: string) {
  return (text: string): number => {
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= from && value <= through) return value;
    throw new InvalidArgumentError(complaint);
  };
}

export const parsePort = wholeNumber(1, 65_535, 'A port is a whole number from 1 to 65535.');
export const parseCount = wholeNumber(1, 999_999_999, 'Write a whole number from 1 on.');

/** A parser of texts that look like this. */
export function matching(pattern: RegExp, complaint: string) {
  return (text: string): string => {
    if (pattern.test(text)) return text;
    throw new InvalidArgumentError(complaint);
  };
}

const SERVER_ID = /^[A-Za-z0-9._-]{1,64}$/;

export const parseServerId = matching(
  SERVER_ID,
  'An id has 1 to 64 letters, digits, ".", "_" or "-".',
);

/** A parser of an option that may be repeated; with commas, since a variable holds one text. */
export function commaListOf<Value>(parse: (text: string) => Value) {
  return (text: string, before: readonly Value[] = []): readonly Value[] => [
    ...before,
    ...text.split(',').map((each) => parse(each.trim())),
  ];
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
 * `http://host:port`, or `host:port` alone. Only a URL may leave out its port, since a bare name is
 * more likely to be incomplete than to mean port 80.
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
    if (!SERVER_ID.test(id)) {
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
