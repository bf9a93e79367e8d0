/** A job queue as a replicated state machine: the same on every server. */
import { type ServerOf, stateMachine } from 'statecraft';

export interface Job {
  id: number;
  payload: string;
  state: 'waiting' | 'running' | 'done';
}

export const queue = stateMachine({
  initial: {
    jobs: [] as Job[],
    /** The term of the leader that last took a job: leaders of older terms are refused. */
    token: 0,
  },
  commands: {
    add(state, { payload }: { payload: string }) {
      const job: Job = { id: state.jobs.length + 1, payload, state: 'waiting' };
      state.jobs.push(job);
      return job;
    },

    /** The next job for the leader of that term; the same one if it asks again. */
    take(state, { token }: { token: number }) {
      if (token < state.token) return null;
      if (token > state.token) {
        for (const job of state.jobs) if (job.state === 'running') job.state = 'waiting';
        state.token = token;
      }
      const next =
        state.jobs.find((job) => job.state === 'running') ??
        state.jobs.find((job) => job.state === 'waiting');
      if (next !== undefined) next.state = 'running';
      return next ?? null;
    },

    /** Whether it counts: not if the leader has been replaced. */
    finish(state, { id, token }: { id: number; token: number }) {
      const job = state.jobs.find((one) => one.id === id);
      if (token !== state.token || job?.state !== 'running') return false;
      job.state = 'done';
      return true;
    },
  },
  queries: {
    all: ({ jobs }) => jobs,
  },
});

export type QueueServer = ServerOf<typeof queue>;
