/** What an entry says, in a few words, and how it stands with it on a server. */

import type { Entry } from '../../../../machines/rules/entries.ts';
import { commands } from '../../../kv/codec.ts';
import { decodeText } from '../../../kv/keys.ts';
import type { FollowerFrame, ServerFrame } from '../../frame.ts';

const known = new WeakMap<Entry, string>();

export function entryWords(entry: Entry): string {
  const words = known.get(entry) ?? describe(entry);
  known.set(entry, words);
  return words;
}

/** `isEnd`: the snapshot ends there; `words` say all of it. */
export function entryStateOf(server: ServerFrame, index: number) {
  const isCommitted = index <= (server.state?.commitIndex ?? server.appliedIndex);
  const isApplied = index <= server.appliedIndex;
  const isEnd = index === server.disk.snapshotIndex;
  const end = isEnd ? ', the snapshot ends here' : '';
  const words = `${isCommitted ? 'committed' : 'not committed'}${isApplied ? ', applied' : ''}${end}`;
  return { isCommitted, isApplied, isEnd, words };
}

export function compactedWords({ log, disk }: ServerFrame): string {
  return `compacted through ${log.base.index}, snapshot through ${disk.snapshotIndex}`;
}

/** Of one place in one log, for those who cannot point at it; what is data comes last. */
export function placeWords(
  server: ServerFrame,
  follower: FollowerFrame | null,
  index: number,
): string {
  const { id, log } = server;
  const marks = (['matchIndex', 'nextIndex'] as const)
    .filter((name) => follower?.[name] === index)
    .map((name) => `, the leader's ${name} for it`)
    .join('');
  if (index <= log.base.index) return `${id}: ${compactedWords(server)}${marks}`;
  const entry = log.entryAt(index);
  if (entry === undefined) return `${id} has no entry ${index}${marks}`;
  const { words } = entryStateOf(server, index);
  return `Entry ${index} of ${id}, term ${entry.term}, ${words}${marks}: ${entryWords(entry)}`;
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
