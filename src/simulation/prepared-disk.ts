/** Hand-made disks (Figure 7, Figure 8): logs written as the terms of their entries. */
import { type Entry, NO_BYTES } from '#rules/entries';
import type { LogBase } from '#rules/log';
import type { PreparedDisk } from './options.ts';
import type { StoredState } from './stored-state.ts';

export function preparedState(base: LogBase, disk: PreparedDisk): StoredState {
  const entries = (disk.log ?? []).map((given, at): Entry => {
    const index = at + 1;
    if (typeof given === 'number') {
      return { index, term: given, time: 0, type: 'empty', bytes: NO_BYTES };
    }
    return { ...given, index };
  });
  return {
    writeNumber: 1,
    term: disk.term ?? entries.at(-1)?.term ?? 0,
    votedFor: disk.votedFor ?? null,
    commitIndex: disk.commitIndex ?? 0,
    base,
    entries,
    snapshot: null,
  };
}
