/** What an entry says, in a few words. */
import { commands } from '#kv/codec';
import { decodeText } from '#kv/keys';
import type { Entry } from '#rules/entries';

const known = new WeakMap<Entry, string>();

export function entryWords(entry: Entry): string {
  const words = known.get(entry) ?? describe(entry);
  known.set(entry, words);
  return words;
}

function describe(entry: Entry): string {
  if (entry.type !== 'command') {
    return entry.type === 'empty' ? 'empty entry of a new leader' : entry.type;
  }
  try {
    const command = commands.decode(entry.bytes);
    if (command.type === 'delete') return `delete ${command.key}`;
    const value = typeof command.value === 'string' ? command.value : decodeText(command.value);
    return `${command.type} ${command.key} = ${value}`;
  } catch {
    return 'a command'; // A prepared disk may hold bytes that are no command of ours.
  }
}
