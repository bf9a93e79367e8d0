/**
 * What must be true once all faults have stopped on a fully connected majority: within a stated
 * bound it agrees on everything and answers; left alone, it stays quiet.
 */
import { BrokenPromise } from './broken-promise.ts';
import type { Clients } from './clients.ts';
import { coreOf, KEYS, type World } from './plan.ts';
import type { Surroundings } from './surroundings.ts';

/** In election timeouts, the longest there are in that world: to agree, and to answer. */
export const CONVERGES_WITHIN = 20;
const ANSWERS_WITHIN = 10;
const QUIET_FOR = 4;
/** Clients of the last reads: nobody else is called like them. */
const FIRST_READER = 100;
/** Per follower and heartbeat: there and back, and as much again for what is left over. */
const MESSAGES_PER_BEAT = 4;

export async function converge(
  world: World,
  surroundings: Surroundings,
  clients: Clients,
): Promise<number> {
  const { cluster } = surroundings;
  const startedAt = cluster.clock.now();
  await cluster.run({
    until: () => isSettled(world, surroundings),
    withinMs: CONVERGES_WITHIN * world.electionMaxMs,
  });
  const convergedMs = cluster.clock.now() - startedAt;
  await answer(world, surroundings, clients);
  await settle(world, surroundings, clients);
  await stayQuiet(world, surroundings);
  return convergedMs;
}

/** Somebody leads, all of the core have applied its whole log, and the logs are equally long. */
function isSettled(world: World, { cluster }: Surroundings): boolean {
  const core = coreOf(world);
  const leader = cluster.leader();
  if (leader === null || !core.includes(leader)) return false;
  const { isReady, lastLogIndex } = cluster.at(leader).status();
  return (
    isReady &&
    core.every((id) => {
      const status = cluster.at(id).status();
      return status.appliedIndex === lastLogIndex && status.lastLogIndex === lastLogIndex;
    })
  );
}

/** Whoever asks now is answered: reads of everything, which the history has to explain. */
async function answer(world: World, { cluster }: Surroundings, clients: Clients): Promise<void> {
  const asked = KEYS.map((key, at) =>
    clients.call({ at: 0, do: 'get', client: FIRST_READER + at, key, token: `last ${key}` }),
  );
  const all = Promise.all(asked);
  const withinMs = Math.max(ANSWERS_WITHIN * world.electionMaxMs, 16 * world.attemptMs);
  const answered = await cluster.settled(all, withinMs);
  if (answered.every((each) => each)) return;
  const reads = answered.filter((each) => each);
  throw new BrokenPromise(
    'Answers',
    `of ${KEYS.length} reads after everything had healed, ${reads.length} were answered`,
  );
}

/** Every call settles by its deadline (§8). */
export async function settle(
  world: World,
  { cluster }: Surroundings,
  clients: Clients,
): Promise<void> {
  await cluster.run({ until: () => clients.open === 0, withinMs: world.deadlineMs + 1 });
}

/** Nobody campaigns any more, and messages are heartbeats (design: no message storms). */
async function stayQuiet(world: World, { cluster, counter }: Surroundings): Promise<void> {
  const term = () => Math.max(...cluster.servers.map((server) => server.state?.currentTerm ?? 0));
  const termBefore = term();
  const before = counter.counts.messages;
  const forMs = QUIET_FOR * world.electionMaxMs;
  await cluster.run({ forMs });
  const messages = counter.counts.messages - before;
  const beats = forMs / world.heartbeatMs + 1;
  const messagesMax = MESSAGES_PER_BEAT * world.servers * beats;
  if (term() !== termBefore || messages > messagesMax) {
    throw new BrokenPromise(
      'Quiet',
      `in ${forMs} idle ms the term went from ${termBefore} to ${term()}, and ${messages} messages ` +
        `arrived, of at most ${messagesMax}`,
    );
  }
}
