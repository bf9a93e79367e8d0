/** Named counters, the same on every server. */
import { stateMachine } from 'statecraft';

export const counters = stateMachine({
  initial: { counts: {} as Record<string, number> },
  commands: {
    /** The new count; a new counter begins at 0. */
    add({ counts }, { name, by }: { name: string; by: number }) {
      const count = (counts[name] ?? 0) + by;
      counts[name] = count;
      return { name, count };
    },
  },
  queries: {
    count: ({ counts }, { name }: { name: string }) => ({ name, count: counts[name] ?? 0 }),
  },
});
