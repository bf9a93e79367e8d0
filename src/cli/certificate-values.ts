/** What the options of `statecraft certificates` may be. */
import { type AlternativeName, hostName } from '../certificates/host-name.ts';
import { SUBJECT_MAX } from '../certificates/requests.ts';
import { printable } from '../formats/printable.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';

const DAYS_MAX = 36_500;
const SERVER_ID = /^[A-Za-z0-9._-]{1,64}$/;

export function parseDays(text: string): number {
  const days = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (days >= 1 && days <= DAYS_MAX) return days;
  throw new InvalidArgumentError(`Write a whole number of days from 1 to ${DAYS_MAX}.`);
}

/** The name of somebody, and of files: none that could be another file's. */
export function parseHolder(text: string): string {
  const isName = /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/.test(text);
  if (isName && text.toLowerCase() !== 'ca') return text;
  throw new InvalidArgumentError(
    'A name has 1 to 64 letters, digits, ".", "_", "@" or "-", and is not "ca".',
  );
}

/** For people to read. */
export function parseTitle(text: string): string {
  if (text !== '' && [...text].length <= SUBJECT_MAX && printable(text) === text) return text;
  throw new InvalidArgumentError(`A name has 1 to ${SUBJECT_MAX} characters that can be seen.`);
}

export function parseServerId(text: string): string {
  if (SERVER_ID.test(text)) return text;
  throw new InvalidArgumentError('An id has 1 to 64 letters, digits, ".", "_" or "-".');
}

export function parseServerIds(text: string): readonly string[] {
  const ids = text.split(',').map((part) => parseServerId(part.trim()));
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return ids;
  throw new InvalidArgumentError(`Server ${twice} is named twice.`);
}

export function parseClusterId(text: string): string {
  if (/^[0-9a-f]{32}$/.test(text)) return text;
  throw new InvalidArgumentError('A cluster id has 32 hexadecimal digits.');
}

/** Several at once, since a variable can hold them only in one text. */
export function addHosts(
  text: string,
  before: readonly AlternativeName[] = [],
): readonly AlternativeName[] {
  return [...before, ...text.split(',').map((host) => parseHost(host.trim()))];
}

function parseHost(text: string): AlternativeName {
  const name = hostName(text);
  if (name !== null) return name;
  throw new InvalidArgumentError(
    'Write a name or an address without port, such as node1.example or 10.0.0.1.',
  );
}
