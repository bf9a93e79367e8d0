/** What the clients of a search ask of a state machine, drawn at random. */
import type { SeededRandom } from '../random.ts';
import { dice, pick } from './draw.ts';
import type { RunSettings } from './settings.ts';
import type { CallAt } from './subject.ts';

/** Commands and queries as they come; what serves `stateMachineContract` serves here as well. */
export interface Workload<Command, Query> {
  /** A command, of every kind sooner or later; `next` gives numbers in [0, 1). */
  command(next: () => number): Command;
  /** Queries, of which one is asked at a time. Default: none. */
  queries?(next: () => number): readonly Query[];
}

/** What a client asked: the input of a model that histories are compared with. */
export type CommandOrQuery<Command, Query> =
  | { readonly command: Command }
  | { readonly query: Query };

export type WorkloadCall<Command, Query> = CommandOrQuery<Command, Query> & {
  readonly client: number;
};

const CLIENTS = 4;

export function drawWorkload<Command, Query>(
  workload: Workload<Command, Query>,
  settings: RunSettings,
  random: SeededRandom,
): CallAt<WorkloadCall<Command, Query>>[] {
  const calls: CallAt<WorkloadCall<Command, Query>>[] = [];
  for (let client = 1; client <= CLIENTS; client += 1) {
    const own = random.fork(`client ${client}`);
    const { whole } = dice(own);
    const gapMs = random.chance(0.3) ? whole(3, 12) : whole(10, 120);
    const share = workload.queries === undefined ? 0 : random.between(0.1, 0.6);
    for (let at = whole(0, 300); at < settings.endMs; at += whole(1, 2 * gapMs)) {
      const query = own.chance(share) ? drawQuery(workload, own) : null;
      const asked = query ?? { command: workload.command(() => own.next()) };
      calls.push({ at, call: { client, ...asked } });
    }
  }
  return calls;
}

/** Null when there is no query to ask. */
export function drawQuery<Command, Query>(
  { queries }: Workload<Command, Query>,
  random: SeededRandom,
): { readonly query: Query } | null {
  const some = queries?.(() => random.next()) ?? [];
  return some.length === 0 ? null : { query: pick(random, some) };
}
