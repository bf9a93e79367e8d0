/** What happened in a history, counted: a search in which nothing happens proves nothing. */
import type { SimulationObserver } from '../options.ts';

/** What is counted of every history; clients count what they like beside it. */
const COUNTED = [
  'elections',
  'termsWithoutLeader',
  'truncations',
  'snapshotsTaken',
  'snapshotsInstalled',
  'crashes',
  'crashesInAWrite',
  'writesLost',
  'writesTorn',
  'shutDowns',
  'diskErrors',
  'pauses',
  'isolations',
  'splits',
  'oneWayBlocks',
  'clockChanges',
  'messages',
  'messagesLost',
  'duplicatesDelivered',
  'overtakings',
  'refusedAppends',
  'leftBehind',
] as const;

export type Counted = (typeof COUNTED)[number];

/** How often each thing happened in the runs of a search, by its name. */
export type Counts = Readonly<Record<Counted, number>> & Readonly<Record<string, number>>;

export class Counter {
  readonly #counts: Record<string, number> = {};
  /** Told of every write that a server decides. */
  onPersist: (id: string) => void = () => undefined;
  readonly #led = new Set<number>();
  readonly #campaigned = new Set<number>();

  add(name: string, by = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + by;
  }

  get counts(): Counts {
    const termsWithoutLeader = [...this.#campaigned].filter((term) => !this.#led.has(term)).length;
    return sumOf([{ ...this.#counts, elections: this.#led.size, termsWithoutLeader }]);
  }

  /** What the servers do. */
  readonly observer: SimulationObserver = {
    onArrival: (message) => {
      this.add('messages');
      if (message.type === 'AppendEntriesResponse' && !message.success) this.add('refusedAppends');
      if (message.type === 'RequestVote') this.#campaigned.add(message.term);
    },
    onEffect: (id, effect) => {
      if (effect.type === 'persist') this.onPersist(id);
      if (effect.type === 'persist' && effect.truncateFrom !== null) this.add('truncations');
      if (effect.type === 'takeSnapshot') this.add('snapshotsTaken');
      if (effect.type === 'restore') this.add('snapshotsInstalled');
    },
    onRole: (_id, role, term) => {
      if (role === 'leader') this.#led.add(term);
    },
  };
}

export function sumOf(all: readonly Readonly<Record<string, number>>[]): Counts {
  const total = Object.fromEntries(COUNTED.map((name) => [name, 0])) as Record<string, number>;
  for (const counts of all) {
    for (const [name, count] of Object.entries(counts)) total[name] = (total[name] ?? 0) + count;
  }
  return total as Counts;
}
