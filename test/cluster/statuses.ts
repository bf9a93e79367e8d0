/** What running servers say of themselves, and waiting until it is so. */
import { httpGet, httpGetJson } from '../../src/node/http-get.ts';

const ASK_TIMEOUT_MS = 1_000;
const POLL_MS = 10;

export interface StatusReport {
  readonly id: string;
  readonly pid: number;
  readonly role: string;
  readonly term: number;
  readonly leader: string | null;
  readonly leaderClientAddress: string | null;
  readonly lastLogIndex: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  readonly snapshotIndex: number;
  readonly snapshotsInstalled: number;
}

/** Null when it does not answer. */
export async function statusOf(endpoint: string): Promise<StatusReport | null> {
  return (await httpGetJson(`${endpoint}/v1/status`, ASK_TIMEOUT_MS)) as StatusReport | null;
}

/** The leader of the newest term, as itself says; null when nobody does. */
export async function leaderAmong(endpoints: readonly string[]): Promise<StatusReport | null> {
  const reports = await Promise.all(endpoints.map(statusOf));
  const leaders = reports.filter((report) => report?.role === 'leader') as StatusReport[];
  return leaders.sort((one, other) => other.term - one.term)[0] ?? null;
}

export async function isReady(endpoint: string): Promise<boolean> {
  return (await httpGet(`${endpoint}/readyz`, ASK_TIMEOUT_MS))?.status === 200;
}

/** Resolves with the fact as soon as it is one; whoever waits too long is told what did not happen. */
export async function eventually<Fact>(
  what: string,
  withinMs: number,
  look: () => Promise<Fact | null | false> | Fact | null | false,
): Promise<Fact> {
  const until = performance.now() + withinMs;
  for (;;) {
    const fact = await look();
    if (fact !== null && fact !== false) return fact;
    if (performance.now() > until) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}
