/** A ledger's snapshot as its bytes, with what a leader says of it. */

import type { SnapshotIdentity } from '../../machines/rules/messages.ts';
import {
  DEFAULT_SESSION_SETTINGS,
  type SessionRecord,
  type SessionSettings,
} from '../../machines/rules/sessions.ts';
import { pack } from '../../src/formats/msgpack.ts';
import { writeSnapshot } from '../../src/formats/snapshot-file.ts';
import { encodeLines, type Line } from './ledger.ts';
import { configurationOf } from './rig.ts';

export interface Contents {
  readonly index: number;
  readonly term: number;
  readonly lines: readonly Line[];
  readonly sessions?: readonly SessionRecord[];
  readonly settings?: SessionSettings;
}

export async function snapshotFile(
  contents: Contents,
): Promise<{ identity: SnapshotIdentity; bytes: Uint8Array }> {
  const { index, term, lines, sessions = [], settings = DEFAULT_SESSION_SETTINGS } = contents;
  const id = `b-${term}-${index}`;
  const configuration = configurationOf(['a', 'b', 'c']);
  const header = { id, index, term, time: 0, configuration, settings, sessions: pack(sessions) };
  const pieces: Uint8Array[] = [];
  for await (const piece of writeSnapshot(header, [encodeLines(lines)])) pieces.push(piece);
  const bytes = new Uint8Array(Buffer.concat(pieces));
  return { identity: { id, index, term, sizeBytes: bytes.byteLength }, bytes };
}
