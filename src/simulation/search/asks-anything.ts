/**
 * A replication actor that asks for random ranges at random moments and listens to nothing (design:
 * liveness is the actor's, safety the leader's). No invariant may fall with it.
 */
import { sendParent, setup } from 'xstate';
import type {
  ReplicationInput,
  ReplicationRequest,
} from '../../../machines/rules/replication-events.ts';
import { type ServerMachine, serverMachine } from '../../../machines/server.ts';
import type { SeededRandom } from '../random.ts';

const INDEX_MAX = 300;
const PAUSE_MAX_MS = 25;

export function askingAnything(
  random: SeededRandom,
  machine: ServerMachine = serverMachine,
): ServerMachine {
  const replication = setup({
    types: { context: {} as ReplicationInput, input: {} as ReplicationInput },
    actions: { ask: sendParent(({ context }) => drawRequest(context, random)) },
    delays: { aWhile: () => PAUSE_MAX_MS * random.next() },
  }).createMachine({
    context: ({ input }) => input,
    initial: 'asking',
    states: {
      asking: { entry: 'ask', after: { aWhile: { target: 'asking', reenter: true } } },
    },
    // Whatever its leader tells it.
    on: { '*': {} },
  });
  return machine.provide({ actors: { replication: replication as never } });
}

/** Mostly near the end of the leader's log, as it was when it was elected; else anywhere. */
function drawRequest({ follower, nextIndex }: ReplicationInput, random: SeededRandom) {
  const near = nextIndex - 5 + random.below(40);
  const index = random.chance(0.7) ? near : random.below(INDEX_MAX) - 2;
  const requests: readonly ReplicationRequest[] = [
    {
      type: 'append.wanted',
      follower,
      from: index,
      messagesMax: random.below(5),
      bytesMax: random.below(2_000),
    },
    { type: 'heartbeat.wanted', follower, previous: index },
    { type: 'chunk.wanted', follower, snapshotId: 'none', offset: random.below(50) - 2 },
  ];
  return requests[random.below(requests.length)]!;
}
