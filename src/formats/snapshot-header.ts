/**
 * What stands before the state in a snapshot (§7, Figure 12: last included index and term, and the
 * configuration as of it), and what the library itself adds: the clients' sessions (§8).
 */
import { type Configuration, isConfiguration } from '../../machines/rules/configuration.ts';
import type { LogIndex, Term } from '../../machines/rules/entries.ts';
import {
  bytesField,
  FormatError,
  fieldThat,
  integerField,
  optional,
  recordOf,
  snapshotIdField,
  timeField,
} from './fields.ts';
import { pack, unpackFresh } from './msgpack.ts';

/** Of sessions; replicated, so that every server expires the same ones at the same entry. */
interface SnapshotSettings {
  readonly sessionExpiryMs: number;
  readonly sessionsMax: number;
  readonly answerBytesMax: number;
  /** Absent in snapshots of earlier versions, as are the ones below. */
  readonly unusedExpiryMs?: number;
  readonly sessionsPerOwnerMax?: number;
}

export interface SnapshotHeader {
  /** Unique; names the file, so it has the alphabet of `isSnapshotId`. */
  readonly id: string;
  /** Everything through this entry is in it. */
  readonly index: LogIndex;
  readonly term: Term;
  /** Cluster time of that entry, in milliseconds. */
  readonly time: number;
  readonly configuration: Configuration;
  readonly settings: SnapshotSettings;
  /** Whoever runs the sessions knows what it means. */
  readonly sessions: Uint8Array;
  /** Whether a refusal is among the answers in `sessions`; not known of a header that was read. */
  readonly keepsRefusals?: boolean;
}

/** The file is not a snapshot, or not a whole one. */
export class SnapshotFormatError extends FormatError {
  override readonly name = 'SnapshotFormatError';
}

const SNAPSHOT_FORMAT = 1;

/**
 * The sessions keep a refusal: earlier versions would take it for an answer, and refuse this format.
 * Written only then, so that a cluster in which nothing was refused can go back to them.
 */
const REFUSALS_FORMAT = 2;

/** Magic, four bytes of format, four of the header's length. */
export const PREFIX_BYTES = 16;

/** No header is longer: most of it is the answers kept for sessions, which are bounded too. */
export const HEADER_BYTES_MAX = 256 * 1024 * 1024;

const MAGIC = new TextEncoder().encode('STATESNP');

/** The first bytes of the file: prefix and header. */
export function encodeHeader(header: SnapshotHeader): Uint8Array {
  const { id, index, term, time, configuration, settings, sessions } = header;
  const format = header.keepsRefusals === true ? REFUSALS_FORMAT : SNAPSHOT_FORMAT;
  const body = pack({ format, id, index, term, time, configuration, settings, sessions });
  const bytes = new Uint8Array(PREFIX_BYTES + body.byteLength);
  bytes.set(MAGIC);
  const view = new DataView(bytes.buffer);
  view.setUint32(8, format);
  view.setUint32(12, body.byteLength);
  bytes.set(body, PREFIX_BYTES);
  return bytes;
}

/** How long the header is that follows this prefix. @throws SnapshotFormatError */
export function headerLength(prefix: Uint8Array): number {
  if (prefix.byteLength < PREFIX_BYTES) {
    throw new SnapshotFormatError(`The snapshot ends within its first ${PREFIX_BYTES} bytes`);
  }
  if (MAGIC.some((byte, place) => prefix[place] !== byte)) {
    throw new SnapshotFormatError('The file does not begin like a snapshot of Statecraft');
  }
  const view = new DataView(prefix.buffer, prefix.byteOffset);
  const format = view.getUint32(8);
  if (format !== SNAPSHOT_FORMAT && format !== REFUSALS_FORMAT) {
    throw new SnapshotFormatError(
      `The snapshot has format ${format}, and this version reads formats up to ${REFUSALS_FORMAT}; ` +
        'run the version that wrote it, or a newer one',
    );
  }
  const length = view.getUint32(12);
  if (length > HEADER_BYTES_MAX) {
    throw new SnapshotFormatError(
      `The snapshot declares a header of ${length} bytes; the limit is ${HEADER_BYTES_MAX}`,
    );
  }
  return length;
}

const header = recordOf<Omit<SnapshotHeader, 'keepsRefusals'>>({
  id: snapshotIdField,
  index: integerField(1),
  term: integerField(1),
  time: timeField,
  configuration: fieldThat('a configuration', isConfiguration),
  settings: recordOf<SnapshotSettings>({
    sessionExpiryMs: integerField(),
    sessionsMax: integerField(),
    answerBytesMax: integerField(),
    unusedExpiryMs: optional(integerField()),
    sessionsPerOwnerMax: optional(integerField()),
  }),
  sessions: bytesField,
});

/** @throws SnapshotFormatError that names the field which is not as it must be. */
export function decodeHeader(body: Uint8Array): SnapshotHeader {
  try {
    return header(unpackFresh(body), 'the header');
  } catch (error) {
    const problem = error instanceof FormatError ? error.message : 'it is not MessagePack';
    throw new SnapshotFormatError(`The header of the snapshot cannot be read: ${problem}`, {
      cause: error,
    });
  }
}
