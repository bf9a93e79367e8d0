/** The disks of a simulation: empty, or made by hand (Figure 7, Figure 8) from the terms of a log. */
import { type Entry, NO_BYTES, type ServerId } from '../../machines/rules/entries.ts';
import type { LogBase } from '../../machines/rules/log.ts';
import { HEALTHY_DISK, SimulatedDisk } from './disk.ts';
import type { PreparedDisk } from './options.ts';
import type { SharedEnvironment } from './server-run.ts';
import type { DiskState } from './stored-state.ts';

export function preparedState(base: LogBase, disk: PreparedDisk): DiskState {
  const entries = (disk.log ?? []).map((given, at): Entry => {
    const index = at + 1;
    if (typeof given === 'number') {
      return { index, term: given, time: 0, type: 'empty', bytes: NO_BYTES };
    }
    return { ...given, index };
  });
  return {
    lastWriteId: 1,
    term: disk.term ?? entries.at(-1)?.term ?? 0,
    votedFor: disk.votedFor ?? null,
    commitIndex: disk.commitIndex ?? 0,
    base,
    entries,
    snapshot: null,
  };
}

export function diskOf<C, R, Q, A>(
  id: ServerId,
  { clock, random, referee, base, clusterId, options }: SharedEnvironment<C, R, Q, A>,
): SimulatedDisk {
  const made: SimulatedDisk = new SimulatedDisk({
    clock,
    random: random.fork(`disk ${id}`),
    faults: { ...HEALTHY_DISK, ...options.disk },
    onDurable: (state, batch) => {
      referee.onDurable(id, state, batch);
      const header = batch?.snapshot ? made.snapshots.headerOf(batch.snapshot.id) : null;
      if (header !== null) referee.onSnapshot(id, header);
    },
  });
  const prepared = options.disks?.[id];
  if (prepared !== undefined) {
    made.prepare({ clusterId, serverId: id }, preparedState(base, prepared));
  }
  return made;
}
