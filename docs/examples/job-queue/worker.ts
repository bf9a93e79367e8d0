/** The work that only the leader does: one job at a time, in the whole cluster. */
import { setTimeout as pause } from 'node:timers/promises';
import { EMPTY, Observable, type Subscription, switchMap } from 'rxjs';
import type { Job, QueueServer } from './queue.js';

/** Does a job; the token fences off earlier leaders, and the signal says when to stop. */
export type Work = (job: Job, token: number, signal: AbortSignal) => Promise<void>;

/** Begins when this server becomes the leader, and ends when it no longer leads, for whatever reason. */
export function workWhileLeading(server: QueueServer, work: Work): Subscription {
  const leadership = new Observable<never>((subscriber) => {
    const end = new AbortController();
    workOff(server, work, end.signal).catch((error) => {
      if (!end.signal.aborted) subscriber.error(error);
    });
    return () => end.abort();
  });
  return server.role$
    .pipe(switchMap((role) => (role === 'leader' ? leadership : EMPTY)))
    .subscribe();
}

async function workOff(server: QueueServer, work: Work, signal: AbortSignal): Promise<void> {
  // A term has one leader, and later leaders have greater terms: this fences off earlier ones.
  const token = server.status().term;
  const session = server.session();
  try {
    while (!signal.aborted) {
      const taken = await session.propose({ type: 'take', token }, { signal });
      if (taken.outcome !== 'applied' || taken.result === null) {
        await pause(50, undefined, { signal });
        continue;
      }
      const job = taken.result;
      await work(job, token, signal);
      await session.propose({ type: 'finish', id: job.id, token }, { signal });
    }
  } finally {
    await session.close();
  }
}
