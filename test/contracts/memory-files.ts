/**
 * A file system in memory that knows what is and is not on the disk: a crash keeps what was synced,
 * and of the rest whatever the seed says, writes torn in the middle included.
 */
import { dirname } from 'node:path';
import type { Files, OpenFile, WriteMode } from '../../src/node/files.ts';

interface Inode {
  /** As a reader sees it. */
  bytes: Uint8Array;
  /** As it is on the disk. */
  durable: Uint8Array;
  /** Written since the last sync. */
  pending: { readonly offset: number; readonly bytes: Uint8Array }[];
}

/** A change of names that may not be on the disk yet. */
interface Renaming {
  readonly directory: string;
  apply(names: Map<string, Inode>): void;
}

export type Operation = 'write' | 'datasync' | 'create' | 'rename' | 'read' | 'syncDirectory';

const SECTOR_BYTES = 64;

export class MemoryFiles implements Files {
  /** Asked before every operation; what it throws is what the caller gets. */
  fault: (operation: Operation, path: string) => void | Promise<void> = () => {};
  /** Whether a sync of a file's bytes does what it says. */
  syncs = true;
  readonly operations: { operation: Operation; path: string }[] = [];
  #names = new Map<string, Inode>();
  #durableNames = new Map<string, Inode>();
  #renamings: Renaming[] = [];
  readonly #directories = new Set<string>();
  #incarnation = 0;
  #chance = 1;

  async open(path: string, mode?: WriteMode): Promise<OpenFile | null> {
    await this.#before('read', path);
    const inode = this.#names.get(path);
    return inode ? this.#handle(path, inode, mode) : null;
  }

  async create(path: string, mode?: WriteMode): Promise<OpenFile> {
    await this.#before('create', path);
    const inode: Inode = { bytes: new Uint8Array(), durable: new Uint8Array(), pending: [] };
    this.#change({ directory: dirname(path), apply: (names) => void names.set(path, inode) });
    return this.#handle(path, inode, mode);
  }

  async claim(path: string): Promise<boolean> {
    if (this.#names.has(path)) return false;
    await this.create(path);
    return true;
  }

  async rename(from: string, to: string): Promise<void> {
    await this.#before('rename', from);
    const inode = this.#names.get(from);
    if (inode === undefined) throw Object.assign(new Error(`no ${from}`), { code: 'ENOENT' });
    this.#change({
      directory: dirname(to),
      apply: (names) => {
        names.delete(from);
        names.set(to, inode);
      },
    });
  }

  async remove(path: string): Promise<void> {
    this.#change({ directory: dirname(path), apply: (names) => void names.delete(path) });
  }

  async list(directory: string): Promise<readonly string[] | null> {
    if (!this.#directories.has(directory)) return null;
    const paths = [...this.#names.keys(), ...this.#directories];
    return paths
      .filter((path) => dirname(path) === directory)
      .map((path) => path.slice(directory.length + 1))
      .sort();
  }

  async makeDirectory(directory: string): Promise<void> {
    for (let path = directory; path !== dirname(path); path = dirname(path)) {
      this.#directories.add(path);
    }
  }

  async syncDirectory(directory: string): Promise<void> {
    await this.#before('syncDirectory', directory);
    const isHere = (renaming: Renaming) => renaming.directory === directory;
    for (const renaming of this.#renamings.filter(isHere)) renaming.apply(this.#durableNames);
    this.#renamings = this.#renamings.filter((renaming) => !isHere(renaming));
  }

  /** Power is cut. Locks go too: their holder is as dead as a process of another boot. */
  crash(): void {
    this.#incarnation += 1;
    const kept = this.#random(this.#renamings.length + 1);
    for (const renaming of this.#renamings.slice(0, kept)) renaming.apply(this.#durableNames);
    this.#renamings = [];
    for (const path of [...this.#durableNames.keys()]) {
      if (path.includes('/lock-')) this.#durableNames.delete(path);
    }
    for (const inode of new Set(this.#durableNames.values())) {
      this.#settle(inode);
      inode.bytes = inode.durable.slice();
    }
    this.#names = new Map(this.#durableNames);
  }

  /** The bytes of every file, to look at or to keep. */
  contents(): ReadonlyMap<string, Uint8Array> {
    const files = [...this.#names].filter(([path]) => !path.includes('/lock-'));
    return new Map(files.map(([path, { bytes }]) => [path, bytes.slice()]));
  }

  /** A disk with exactly these files, all of them durable. */
  static holding(contents: ReadonlyMap<string, Uint8Array>): MemoryFiles {
    const files = new MemoryFiles();
    for (const [path, bytes] of contents) {
      files.#names.set(path, { bytes: bytes.slice(), durable: bytes.slice(), pending: [] });
      void files.makeDirectory(dirname(path));
    }
    files.#durableNames = new Map(files.#names);
    return files;
  }

  #handle(openedAs: string, inode: Inode, mode: WriteMode = 'cached'): OpenFile {
    const incarnation = this.#incarnation;
    const pathNow = () => {
      const [path = openedAs] = [...this.#names].find(([, named]) => named === inode) ?? [];
      return path;
    };
    const assertUp = () => {
      if (incarnation !== this.#incarnation) throw new Error('the machine has crashed since');
    };
    const before = async (operation: Operation) => {
      await this.#before(operation, pathNow());
      assertUp();
    };
    const put = (bytes: Uint8Array, offset: number) => {
      const copy = bytes.slice();
      inode.bytes = overlaid(inode.bytes, copy, offset);
      inode.pending.push({ offset, bytes: copy });
    };
    const datasync = async () => {
      // As Linux does: what a failed sync has not written is read as before, and synced no more.
      await before('datasync').catch((error: unknown) => {
        this.#settle(inode);
        throw error;
      });
      if (!this.syncs) return;
      for (const { offset, bytes } of inode.pending) {
        inode.durable = overlaid(inode.durable, bytes, offset);
      }
      inode.pending = [];
    };
    return {
      read: async (offset, length) => {
        await before('read');
        return inode.bytes.slice(offset, offset + length);
      },
      write: async (bytes, offset) => {
        await before('write');
        put(bytes, offset);
        // One call for whoever writes, two things for a crash to come between.
        if (mode === 'synced') await datasync();
      },
      writeNow: (bytes, offset) => {
        const path = pathNow();
        this.operations.push({ operation: 'write', path });
        if (this.fault('write', path) !== undefined) {
          throw new Error(`${path} is written on the main thread, which would hang with the disk`);
        }
        assertUp();
        put(bytes, offset);
      },
      datasync,
      size: async () => inode.bytes.byteLength,
      close: async () => {},
    };
  }

  async #before(operation: Operation, path: string): Promise<void> {
    this.operations.push({ operation, path });
    const incarnation = this.#incarnation;
    await this.fault(operation, path);
    if (incarnation !== this.#incarnation) throw new Error('the machine has crashed since');
  }

  #change(renaming: Renaming): void {
    renaming.apply(this.#names);
    this.#renamings.push(renaming);
  }

  /** Each sector written since the last sync is on the disk, or is not. */
  #settle(inode: Inode): void {
    for (const { offset, bytes } of inode.pending) {
      for (let at = 0; at < bytes.byteLength; at += SECTOR_BYTES) {
        if (this.#random(2) === 0) continue;
        const sector = bytes.subarray(at, at + SECTOR_BYTES);
        inode.durable = overlaid(inode.durable, sector, offset + at);
      }
    }
    inode.pending = [];
  }

  #random(below: number): number {
    this.#chance = (Math.imul(this.#chance, 1664525) + 1013904223) >>> 0;
    return Math.floor((this.#chance / 2 ** 32) * below);
  }
}

function overlaid(under: Uint8Array, over: Uint8Array, offset: number): Uint8Array {
  const end = offset + over.byteLength;
  const bytes = end > under.byteLength ? new Uint8Array(end) : under;
  if (bytes !== under) bytes.set(under);
  bytes.set(over, offset);
  return bytes;
}
