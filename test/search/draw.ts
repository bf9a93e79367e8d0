/**
 * Draws a plan from a seed. Every plan has a world and habits of its own: what is rare in one is
 * common in another, and most kinds of fault are absent from most plans.
 */
import { type FailedWrite, SeededRandom } from '../../src/simulation/index.ts';
import {
  type CallKind,
  DEFAULT_WORLD,
  type Happening,
  idsOf,
  KEYS,
  type Plan,
  type Step,
  type World,
} from './plan.ts';

const CLIENTS = 4;
const SIZES = [1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7] as const;
const LEAVINGS: readonly FailedWrite[] = ['lost', 'torn', 'kept'];
const FAULTS = [
  'crash',
  'shutDown',
  'pause',
  'failWrite',
  'isolate',
  'split',
  'block',
  'heal',
  'clock',
] as const;

export function drawPlan(seed: number): Plan {
  const random = new SeededRandom(`plan ${seed}`);
  const world = drawWorld(seed, random.fork('world'));
  const steps = [
    ...drawFaults(world, random.fork('faults')),
    ...drawCalls(world, random.fork('calls')),
  ];
  // Equal times keep the order in which they were drawn.
  return { world, steps: steps.sort((a, b) => a.at - b.at) };
}

function drawWorld(seed: number, random: SeededRandom): World {
  const { chance, whole, rarely } = dice(random);
  const servers = pick(random, SIZES);
  const heartbeatMs = whole(10, 50);
  const electionMinMs = whole(3 * heartbeatMs, 8 * heartbeatMs);
  const drawn: World = {
    ...DEFAULT_WORLD,
    seed,
    servers,
    heartbeatMs,
    electionMinMs,
    electionMaxMs: whole(Math.ceil(1.2 * electionMinMs), 2 * electionMinMs + 1),
    lostLeaderWaitMs: whole(1, 60),
    loss: rarely(0.5, 0, 0.3),
    repeats: rarely(0.6, 0, 0.5),
    delayMs: chance(0.3) ? 0 : whole(1, chance(0.3) ? electionMinMs : 15),
    skew: chance(0.5) ? 1 : whole(2, 6),
    held: rarely(0.5, 0, 0.4),
    heldMs: whole(5, chance(0.5) ? 60 : 2 * electionMinMs),
    snapshotAfter: chance(0.2) ? DEFAULT_WORLD.snapshotAfter : whole(3, 60),
    trailing: whole(0, 12),
    chunkBytes: whole(64, 1_500),
    messagesInFlight: chance(0.5) ? DEFAULT_WORLD.messagesInFlight : whole(1, 8),
    entriesPerAppend: chance(0.5) ? DEFAULT_WORLD.entriesPerAppend : whole(1, 6),
    areCrashesNoticed: chance(0.5),
    writeMs: chance(0.5) ? DEFAULT_WORLD.writeMs : whole(1, 20),
    diskFailure: rarely(0.2, 0, 0.01),
    operatorMs: whole(50, 800),
    atOnce: whole(1, 4),
    attemptMs: chance(0.5) ? whole(15, 80) : whole(60, 600),
    deadlineMs: chance(0.3) ? whole(400, 1_500) : whole(2_000, 4_000),
    clientLoss: rarely(0.6, 0, 0.2),
    asksAnything: chance(0.06),
    endMs: whole(1_000, 3_000),
  };
  return { ...drawn, ...drawLeft(servers, random) };
}

/** A minority that is not healed with the rest. */
function drawLeft(servers: number, random: SeededRandom): Pick<World, 'dead' | 'cut'> {
  const left = { dead: '', cut: '' };
  let spare = Math.floor((servers - 1) / 2);
  for (const id of idsOf(servers)) {
    if (spare === 0 || !random.chance(0.2)) continue;
    spare -= 1;
    left[random.chance(0.5) ? 'dead' : 'cut'] += id;
  }
  return left;
}

function drawFaults(world: World, random: SeededRandom): Step[] {
  const { chance, whole } = dice(random);
  const weights = FAULTS.map((kind) => (chance(0.45) ? random.next() : kind === 'heal' ? 0.1 : 0));
  const gapMs = whole(20, 300);
  const steps: Step[] = [];
  for (let at = whole(0, 600); at < world.endMs; at += whole(5, 2 * gapMs)) {
    const kind = FAULTS[weighted(random, weights)] ?? 'heal';
    steps.push({ at, ...drawFault(kind, world, random) });
  }
  return steps;
}

function drawFault(
  kind: (typeof FAULTS)[number],
  { servers, electionMaxMs }: World,
  random: SeededRandom,
): Happening {
  const { chance, whole } = dice(random);
  const ids = idsOf(servers);
  const who = chance(0.4) ? 'leader' : pick(random, ids);
  const forMs = whole(1, chance(0.5) ? 100 : 3 * electionMaxMs);
  switch (kind) {
    case 'crash':
      return { do: kind, who, leaving: pick(random, LEAVINGS), forMs };
    case 'shutDown':
    case 'pause':
      return { do: kind, who, forMs };
    case 'failWrite':
      return { do: kind, who, leaving: pick(random, LEAVINGS) };
    case 'isolate':
      return { do: kind, who };
    case 'split':
      return { do: kind, side: ids.filter(() => chance(0.5)).join('') || 'a' };
    case 'block':
      return { do: kind, from: who, to: pick(random, ids) };
    case 'clock':
      return { do: kind, who, rate: random.between(0.3, 1.7) };
    case 'heal':
      return { do: kind };
  }
}

function drawCalls(world: World, random: SeededRandom): Step[] {
  const steps: Step[] = [];
  for (let client = 1; client <= CLIENTS; client += 1) {
    const own = random.fork(`client ${client}`);
    const { whole } = dice(own);
    const gapMs = random.chance(0.3) ? whole(3, 12) : whole(10, 120);
    const keys = KEYS.slice(0, whole(1, KEYS.length + 1));
    const kinds: readonly CallKind[] = ['append', 'put', 'get', 'swap', 'delete'];
    const weights = [0.5 + own.next(), own.next() / 2, own.next(), own.next(), own.next() / 8];
    for (let at = whole(0, 300), n = 1; at < world.endMs; at += whole(1, 2 * gapMs), n += 1) {
      const kind = kinds[weighted(own, weights)] ?? 'append';
      steps.push({ at, do: kind, client, key: pick(own, keys), token: `${client}.${n}` });
    }
  }
  return steps;
}

function dice(random: SeededRandom) {
  return {
    chance: (probability: number) => random.chance(probability),
    /** From `from` to `until` − 1. */
    whole: (from: number, until: number) => from + random.below(Math.max(1, until - from)),
    /** Between the two with that probability; else nothing. */
    rarely: (probability: number, min: number, max: number) =>
      random.chance(probability) ? random.between(min, max) : 0,
  };
}

function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

function weighted(random: SeededRandom, weights: readonly number[]): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  return weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
}
