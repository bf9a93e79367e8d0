/**
 * Draws a plan from a seed. Every plan has settings and habits of its own: what is rare in one is
 * common in another, and most kinds of fault are absent from most plans.
 */
import type { FailedWrite } from '../disk.ts';
import { idsOf } from '../options.ts';
import { SeededRandom } from '../random.ts';
import type { FaultKind, Plan, PlannedFault, PlanStep } from './plan.ts';
import { FAULTS } from './script.ts';
import { DEFAULT_SETTINGS, type RunSettings } from './settings.ts';
import type { Subject } from './subject.ts';

const SIZES = [1, 2, 3, 3, 3, 3, 4, 5, 5, 5, 5, 6, 7] as const;
const LEAVINGS: readonly FailedWrite[] = ['lost', 'torn', 'kept'];
type Drawn<Call> = Pick<Subject<never, unknown, never, unknown, Call>, 'faults' | 'settings'> & {
  readonly clients: Pick<Subject<never, unknown, never, unknown, Call>['clients'], 'draw'>;
};

export function drawPlan<Call>(
  seed: number,
  { clients, faults = FAULTS, settings: given = {} }: Drawn<Call>,
): Plan<Call> {
  const random = new SeededRandom(`plan ${seed}`);
  const turnMs = given.turnMs ?? drawTurn(random.fork('turns'));
  const settings = { ...drawSettings(seed, random.fork('world'), given), turnMs };
  const calls = clients
    .draw(settings, random.fork('calls'))
    .map(({ at, call }) => ({ at, do: 'call' as const, call }));
  const steps: PlanStep<Call>[] = [
    ...drawFaults(settings, faults, random.fork('faults')),
    ...calls,
  ];
  // Equal times keep the order in which they were drawn.
  return { settings, steps: steps.sort((a, b) => a.at - b.at) };
}

function drawSettings(
  seed: number,
  random: SeededRandom,
  given: Partial<RunSettings>,
): RunSettings {
  const { chance, whole, rarely } = dice(random);
  // What is given takes the place of what was drawn before others are drawn that have to fit it.
  const drawnServers = pick(random, SIZES);
  const servers = given.servers ?? drawnServers;
  const drawnHeartbeatMs = whole(10, 50);
  const heartbeatMs = given.heartbeatMs ?? drawnHeartbeatMs;
  const drawnElectionMs = whole(3 * heartbeatMs, 8 * heartbeatMs);
  const electionMinMs = given.electionMinMs ?? drawnElectionMs;
  const drawn: RunSettings = {
    ...DEFAULT_SETTINGS,
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
    snapshotAfter: chance(0.2) ? DEFAULT_SETTINGS.snapshotAfter : whole(3, 60),
    trailing: whole(0, 12),
    chunkBytes: whole(64, 1_500),
    messagesInFlight: chance(0.5) ? DEFAULT_SETTINGS.messagesInFlight : whole(1, 8),
    entriesPerAppend: chance(0.5) ? DEFAULT_SETTINGS.entriesPerAppend : whole(1, 6),
    areCrashesNoticed: chance(0.5),
    writeMs: chance(0.5) ? DEFAULT_SETTINGS.writeMs : whole(1, 20),
    diskFailure: rarely(0.2, 0, 0.01),
    operatorMs: whole(50, 800),
    atOnce: whole(1, 4),
    attemptMs: chance(0.5) ? whole(15, 80) : whole(60, 600),
    deadlineMs: chance(0.3) ? whole(400, 1_500) : whole(2_000, 4_000),
    clientLoss: rarely(0.6, 0, 0.2),
    asksAnything: chance(0.06),
    endMs: whole(1_000, 3_000),
  };
  return { ...drawn, ...drawLeft(servers, random), ...given };
}

/** Most often nothing takes time; sometimes a slice takes longer than an election. */
function drawTurn(random: SeededRandom): number {
  const { chance, whole } = dice(random);
  return chance(0.6) ? 0 : whole(1, chance(0.8) ? 10 : 60);
}

/** A minority that is not healed with the rest. */
function drawLeft(servers: number, random: SeededRandom): Pick<RunSettings, 'dead' | 'cut'> {
  const left = { dead: '', cut: '' };
  let spare = Math.floor((servers - 1) / 2);
  for (const id of idsOf(servers)) {
    if (spare === 0 || !random.chance(0.2)) continue;
    spare -= 1;
    left[random.chance(0.5) ? 'dead' : 'cut'] += id;
  }
  return left;
}

type FaultAt = PlannedFault & { readonly at: number };

function drawFaults(
  settings: RunSettings,
  allowed: readonly FaultKind[],
  random: SeededRandom,
): FaultAt[] {
  const { chance, whole } = dice(random);
  const drawn = FAULTS.map((kind) => {
    const weight = chance(0.45) ? random.next() : kind === 'heal' ? 0.1 : 0;
    return allowed.includes(kind) ? weight : 0;
  });
  const isQuiet = drawn.every((weight) => weight === 0);
  // Who allows little wants that little to happen.
  const weights = isQuiet ? FAULTS.map((kind) => (allowed.includes(kind) ? 1 : 0)) : drawn;
  const gapMs = whole(20, 300);
  const steps: FaultAt[] = [];
  if (allowed.length === 0) return steps;
  for (let at = whole(0, 600); at < settings.endMs; at += whole(5, 2 * gapMs)) {
    const kind = FAULTS[weighted(random, weights)] ?? 'heal';
    steps.push({ at, ...drawFault(kind, settings, random) });
  }
  return steps;
}

function drawFault(
  kind: FaultKind,
  { servers, electionMaxMs }: RunSettings,
  random: SeededRandom,
): PlannedFault {
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

export function dice(random: SeededRandom) {
  return {
    chance: (probability: number) => random.chance(probability),
    /** From `from` to `until` − 1. */
    whole: (from: number, until: number) => from + random.below(Math.max(1, until - from)),
    /** Between the two with that probability; else nothing. */
    rarely: (probability: number, min: number, max: number) =>
      random.chance(probability) ? random.between(min, max) : 0,
  };
}

export function pick<Item>(random: SeededRandom, items: readonly Item[]): Item {
  return items[random.below(items.length)]!;
}

export function weighted(random: SeededRandom, weights: readonly number[]): number {
  let left = random.next() * weights.reduce((sum, weight) => sum + weight, 0);
  return weights.findIndex((weight) => {
    left -= weight;
    return left < 0;
  });
}
