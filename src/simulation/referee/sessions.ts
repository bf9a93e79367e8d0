/** Sessions are replicated state (§8): snapshots at one index hold the same ones. Invariant 20. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { SnapshotHeader } from '../../formats/snapshot-header.ts';
import { TextHash } from '../text-hash.ts';
import type { RefereeContext } from './context.ts';

export function checkSessions(
  id: ServerId,
  { index, time, sessions }: SnapshotHeader,
  { history, violate }: RefereeContext,
): void {
  const hash = new TextHash();
  hash.add(`${time} `);
  hash.addBytes(sessions);
  const digest = hash.toString();
  const known = history.sessions.get(index);
  if (known === undefined) history.sessions.set(index, { digest, by: id });
  else if (known.digest !== digest) {
    violate(
      'Snapshot Equals State',
      `the snapshots at ${index} of servers ${known.by} and ${id} hold other sessions, or another time`,
    );
  }
}
