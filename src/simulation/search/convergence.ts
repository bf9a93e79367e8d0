/**
 * What must be true once all faults have stopped on a fully connected majority: within a stated
 * bound it agrees on everything and answers; left alone, it stays quiet.
 */

import { leftoversMs } from './faulty-link.ts';
import { BrokenGuarantee } from './guarantees.ts';
import { coreOf } from './settings.ts';
import type { AnyRunContext, ConnectedClients } from './subject.ts';

/** In election timeouts, the longest there are in that history: to agree, and to answer. */
const CONVERGES_WITHIN = 20;
const ANSWERS_WITHIN = 10;
const QUIET_FOR = 4;
/** Per server and heartbeat: there and back. */
const MESSAGES_PER_BEAT = 2;

export async function converge(
  context: AnyRunContext,
  clients: ConnectedClients<never>,
): Promise<number> {
  const { settings, cluster } = context;
  const startedAt = cluster.clock.now();
  await cluster.run({
    until: () => isSettled(context),
    withinMs: CONVERGES_WITHIN * settings.electionMaxMs,
  });
  const convergedMs = cluster.clock.now() - startedAt;
  await answer(context, clients);
  await settle(context, clients);
  await stayQuiet(context);
  return convergedMs;
}

/** Somebody leads, all of the core have applied its whole log, and the logs are equally long. */
function isSettled({ settings, cluster }: AnyRunContext): boolean {
  const core = coreOf(settings);
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

/** Calls made now are answered, and the answers are part of the history that is checked. */
async function answer(
  { settings, cluster }: AnyRunContext,
  clients: ConnectedClients<never>,
): Promise<void> {
  const all = Promise.all(clients.lastCalls());
  const withinMs = Math.max(ANSWERS_WITHIN * settings.electionMaxMs, 16 * settings.attemptMs);
  const answered = await cluster.settled(all, withinMs);
  if (answered.every((each) => each)) return;
  const count = answered.filter((each) => each).length;
  throw new BrokenGuarantee(
    'Answers',
    `of ${answered.length} calls after everything had healed, ${count} were answered`,
  );
}

/** Every call settles by its deadline (§8). */
export async function settle(
  { settings, cluster }: AnyRunContext,
  clients: ConnectedClients<never>,
): Promise<null> {
  await cluster.run({ until: () => clients.open === 0, withinMs: settings.deadlineMs + 1 });
  return null;
}

/** Nobody campaigns any more, and messages are heartbeats (design: no message storms). */
async function stayQuiet({ settings, cluster, counter }: AnyRunContext): Promise<void> {
  await cluster.run({ forMs: leftoversMs(settings) });
  const term = () => Math.max(...cluster.servers.map((server) => server.state?.currentTerm ?? 0));
  const termBefore = term();
  const before = counter.counts.messages;
  const forMs = QUIET_FOR * settings.electionMaxMs;
  await cluster.run({ forMs });
  const messages = counter.counts.messages - before;
  const beats = forMs / settings.heartbeatMs + 1;
  const messagesMax = MESSAGES_PER_BEAT * settings.servers * beats;
  if (term() !== termBefore || messages > messagesMax) {
    throw new BrokenGuarantee(
      'Quiet',
      `in ${forMs} idle ms the term went from ${termBefore} to ${term()}, and ${messages} messages ` +
        `arrived, of at most ${messagesMax}`,
    );
  }
}
