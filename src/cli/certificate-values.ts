/** What the options of `statecraft certificates` may be. */
import { type AlternativeName, hostName } from '../certificates/host-name.ts';
import { SUBJECT_MAX } from '../certificates/requests.ts';
import { printable } from '../formats/printable.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';
import { commaListOf, parseServerId } from './option-values.ts';

/** The name of a person or program, and of files: not one that could be another file's. */
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
  throw new InvalidArgumentError(`A name has 1 to ${SUBJECT_MAX} visible characters.`);
}

export function parseServerIds(text: string): readonly string[] {
  const ids = commaListOf(parseServerId)(text);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return ids;
  throw new InvalidArgumentError(`Server ${twice} is named twice.`);
}

export function parseHost(text: string): AlternativeName {
  const name = hostName(text);
  if (name !== null) return name;
  throw new InvalidArgumentError(
    'Write a name or an address without port, such as node1.example or 10.0.0.1.',
  );
}
