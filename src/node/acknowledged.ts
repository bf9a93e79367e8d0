/**
 * The id of the last completed write, in two slots overwritten in turn and never synced: the log's
 * end cannot tell a record that was torn from one that was acknowledged and has rotted since, and
 * this file can. Killing the process loses nothing of it; a power cut may lose its last few changes,
 * and then less damage is noticed.
 */
import { join } from 'node:path';
import { checksum } from './checksum.ts';
import { damaged } from './damage.ts';
import type { Files, OpenFile } from './files.ts';

const NAME = 'acknowledged';
/** Each slot lies in a sector of its own, so that a torn one leaves the other whole. */
const SLOT_OFFSETS = [0, 512] as const;
const SLOT_BYTES = 16;
const FILE_BYTES = 1024;
/**
 * As long as the disk takes no longer, a slot is written at once: a thread would cost more than the
 * few bytes. A disk that is slower may hold up even that, so a thread waits for it, and nobody else.
 */
const PROMPT_MS = 50;

export type Acknowledged = ReturnType<typeof acknowledgedIn>;

/** Both slots at 0, durable. */
export async function createAcknowledged(files: Files, directory: string, tag: number) {
  const file = await files.create(join(directory, NAME));
  const bytes = new Uint8Array(FILE_BYTES);
  for (const offset of SLOT_OFFSETS) bytes.set(encodeSlot(0, tag), offset);
  await file.write(bytes, 0);
  await file.datasync();
  return acknowledgedIn(file, tag, 0, 0);
}

/** @throws StorageError when neither slot is readable. */
export async function openAcknowledged(files: Files, directory: string, tag: number) {
  const path = join(directory, NAME);
  const file = await files.open(path);
  if (file === null) throw damaged(path, 'it is missing');
  const bytes = await file.read(0, FILE_BYTES);
  const [first, second] = SLOT_OFFSETS.map((offset) => decodeSlot(bytes, offset, tag));
  const writeId = Math.max(first ?? -1, second ?? -1);
  if (writeId === -1) {
    await file.close();
    throw damaged(path, 'neither of its two slots is readable');
  }
  return acknowledgedIn(file, tag, writeId, writeId === first ? 1 : 0);
}

/** @param next - the slot that holds the older id, or nothing readable */
function acknowledgedIn(file: OpenFile, tag: number, found: number, next: 0 | 1) {
  let tookMs = 0;
  return {
    /** As it was when the file was opened. */
    found,
    /** @param syncTookMs - how long the disk has just taken for the write itself */
    async record(writeId: number, syncTookMs = 0): Promise<void> {
      const slot = next;
      next = slot === 0 ? 1 : 0;
      const isPrompt = Math.max(tookMs, syncTookMs) < PROMPT_MS;
      const startedAt = performance.now();
      const bytes = encodeSlot(writeId, tag);
      if (isPrompt) file.writeNow(bytes, SLOT_OFFSETS[slot]);
      else await file.write(bytes, SLOT_OFFSETS[slot]);
      tookMs = performance.now() - startedAt;
    },
    close: () => file.close(),
  };
}

function encodeSlot(writeId: number, tag: number): Uint8Array {
  const bytes = new Uint8Array(SLOT_BYTES);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(writeId));
  view.setUint32(8, tag);
  view.setUint32(12, checksum(bytes.subarray(0, 12)));
  return bytes;
}

/** Undefined when the slot holds no id of this storage. */
function decodeSlot(bytes: Uint8Array, offset: number, tag: number): number | undefined {
  if (bytes.byteLength < offset + SLOT_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset + offset, SLOT_BYTES);
  const isWhole =
    view.getUint32(8) === tag &&
    view.getUint32(12) === checksum(bytes.subarray(offset, offset + 12));
  return isWhole ? Number(view.getBigUint64(0)) : undefined;
}
