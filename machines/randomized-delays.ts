/**
 * The server machine's delays with chance in them (§5.2: randomised, so that split votes are rare).
 * By itself the machine waits for the longest of each, for readers and tests: servers that wait
 * alike ask for votes alike, and elect nobody.
 */
import type { ServerState } from './rules/state.ts';

/** Where chance comes from. */
interface Chance {
  /** Uniform in [0, 1). */
  next(): number;
}

type Delay = (given: { readonly context: ServerState }) => number;

/** What a host provides the server machine with. */
export interface RandomizedDelays {
  readonly electionTimeout: Delay;
  readonly electionTimeoutRest: Delay;
  readonly lostLeaderWait: Delay;
}

/**
 * Drawn anew each time a timer starts, within the timing of the server's own parameters.
 * @param random - one source for each server, not the same numbers for all
 * @example
 * serverMachine.provide({ delays: randomizedDelays({ next: () => Math.random() }) });
 */
export function randomizedDelays(random: Chance): RandomizedDelays {
  const spanMs = ({ parameters: { timing } }: ServerState) =>
    random.next() * (timing.electionTimeoutMaxMs - timing.electionTimeoutMinMs);
  return {
    electionTimeout: ({ context }) =>
      context.parameters.timing.electionTimeoutMinMs + spanMs(context),
    electionTimeoutRest: ({ context }) => spanMs(context),
    lostLeaderWait: ({ context }) => random.next() * context.parameters.timing.lostLeaderWaitMaxMs,
  };
}
