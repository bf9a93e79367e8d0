/**
 * What this server knows of the directories of its peers, and keeps over restarts: a peer whose
 * directory was replaced, or restored from an older day, has forgotten votes and entries.
 *
 * The file `peers` is text with a checksum. It is written whole, synced and renamed into place, so
 * that no crash damages it: when it is damaged, something else happened, and a person decides.
 */
import { join } from 'node:path';
import { StorageError } from '../host/errors.ts';
import type { KnownPeers, PeerMemory } from '../ports/peer-memory.ts';
import { checksum } from './checksum.ts';
import { failed, unknownFormat } from './damage.ts';
import { type Files, nodeFiles } from './files.ts';

const FORMAT = 1;
const NAME = 'peers';
const SIZE_MAX = 1024 * 1024;

/** Keeps it in the file `peers` of the server's data directory. */
export function filePeerMemory(directory: string, files: Files = nodeFiles): PeerMemory {
  const path = join(directory, NAME);
  return {
    async load() {
      const file = await files.open(path).catch((error) => {
        throw failed(`Reading ${path}`, error);
      });
      if (file === null) return {};
      try {
        return parse(path, Buffer.from(await file.read(0, SIZE_MAX)).toString('utf8'));
      } finally {
        await file.close();
      }
    },
    async save(peers) {
      const text = Buffer.from(textOf(peers));
      // What could not be read again is not written: a server that cannot start is worse off.
      if (text.byteLength > SIZE_MAX) throw tooMany(path, Object.keys(peers).length);
      const file = await files.create(`${path}.partial`);
      try {
        await file.write(text, 0);
        await file.datasync();
      } finally {
        await file.close();
      }
      await files.rename(`${path}.partial`, path);
      await files.syncDirectory(directory);
    },
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

function textOf(peers: KnownPeers): string {
  const content = JSON.stringify({ format: FORMAT, peers });
  return `${content}\n${sumOf(content)}\n`;
}

function sumOf(content: string): string {
  return checksum(content).toString(16).padStart(8, '0');
}

function parse(path: string, text: string): KnownPeers {
  const [content = ''] = text.split('\n');
  if (text !== `${content}\n${sumOf(content)}\n`) throw damagedMemory(path);
  const { format, peers } = JSON.parse(content) as { format: number; peers: KnownPeers };
  if (format !== FORMAT) throw unknownFormat(path, format, FORMAT);
  return peers;
}

function tooMany(path: string, count: number): StorageError {
  return new StorageError(
    `${path} would be larger than ${SIZE_MAX} bytes with its ${count} servers.`,
  );
}

function damagedMemory(path: string): StorageError {
  return new StorageError(
    `${path} is damaged: its checksum does not match. It holds nothing but which directories the ` +
      'other servers had: check the disk, and if none of them was replaced since, delete this one ' +
      'file and start the server again.',
  );
}
