/**
 * What this server knows of the directories of its peers, and keeps over restarts: a peer whose
 * directory was replaced, or restored from an older backup, has forgotten votes and entries.
 */
import { join } from 'node:path';
import { StorageError } from '../host/errors.ts';
import type { KnownPeers, PeerMemory } from '../ports/peer-memory.ts';
import { readCheckedFile, writeCheckedFile } from './checked-file.ts';
import { failed } from './damage.ts';
import { type Files, nodeFiles } from './files.ts';

const NAME = 'peers';

/** Keeps it in the file `peers` of the server's data directory. */
export function filePeerMemory(directory: string, files: Files = nodeFiles): PeerMemory {
  return {
    async load() {
      try {
        const read = await readCheckedFile<{ peers: KnownPeers }>(files, directory, NAME, mismatch);
        return read?.peers ?? {};
      } catch (error) {
        throw error instanceof StorageError
          ? error
          : failed(`Reading ${join(directory, NAME)}`, error);
      }
    },
    save: (peers) => writeCheckedFile(files, directory, NAME, { peers }),
  };
}

/** Forgets with the process: for tests, and for servers that keep nothing on disk. */
export function volatilePeerMemory(): PeerMemory {
  let known: KnownPeers = {};
  return {
    load: async () => known,
    save: async (peers) => {
      known = peers;
    },
  };
}

/** No crash damages the file: something else did, and a person decides. */
function mismatch(path: string): StorageError {
  return new StorageError(
    `${path} is damaged: its checksum does not match. It holds nothing but which directories the ` +
      'other servers had: check the disk, and if none of them was replaced since, delete this one ' +
      'file and start the server again.',
  );
}
