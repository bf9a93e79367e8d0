/** What is true of every step of a replication actor, whatever it is told (§5.3, §7). */
import type { Progress } from '../../machines/rules/progress.ts';
import type { ReplicationRequest } from '../../machines/rules/replication-events.ts';
import type { Step } from './step.ts';
import type { Wrong } from './walk.ts';

interface Moment {
  readonly before: Step<Progress>;
  readonly step: Step<Progress>;
  readonly was: Progress;
  readonly is: Progress;
  readonly mode: string;
  readonly asked: readonly ReplicationRequest[];
}

const RULES: Readonly<Record<string, (moment: Moment) => boolean>> = {
  'matchIndex < nextIndex ≤ lastLogIndex + 1': ({ is }) =>
    is.matchIndex < is.nextIndex && is.nextIndex <= is.lastLogIndex + 1,
  'what is known to match never falls': ({ was, is }) =>
    is.matchIndex >= was.matchIndex && is.lastLogIndex >= was.lastLogIndex,
  'the window is within its bounds, and holds nothing acknowledged': ({ is }) =>
    is.window.length <= is.input.messagesInFlightMax &&
    is.bytesInFlight === is.window.reduce((sum, { bytes }) => sum + bytes, 0) &&
    is.window.every(({ through }) => through > is.matchIndex),
  'entries are asked for while replicating only, from the next one on, and where there is room': ({
    is,
    mode,
    asked,
  }) =>
    asked.every(
      (wish) =>
        wish.type !== 'append.wanted' ||
        (mode === 'replicate' &&
          wish.from <= is.lastLogIndex &&
          wish.messagesMax > 0 &&
          wish.bytesMax > 0),
    ),
  'one question at a time': ({ asked }) =>
    asked.filter(({ type }) => type !== 'heartbeat.wanted').length <= 1,
  'chunks are asked for in a transfer only, and of its snapshot': ({ is, mode, asked }) =>
    asked.every(
      (wish) =>
        wish.type !== 'chunk.wanted' ||
        (mode === 'snapshot' && wish.snapshotId === is.transfer?.snapshot.id),
    ),
  'whoever has lost what it acknowledged gets heartbeats and nothing else, until it has it again': (
    moment,
  ) => {
    if (modeOf(moment.before) !== 'halted') return true;
    const hasRegained = moment.step.event.type === 'acknowledgements.regained';
    return (
      moment.mode === (hasRegained ? 'probe' : 'halted') &&
      moment.asked.every(({ type }) => type === 'heartbeat.wanted')
    );
  },
  'heartbeats go on in every mode, and a chunk’s time runs in a transfer only': ({
    step,
    mode,
  }) => {
    const timers = step.timers.map((timer) => timer.split('.')[2]);
    const expected =
      mode === 'snapshot' ? ['chunkTimeout', 'heartbeatInterval'] : ['heartbeatInterval'];
    return timers.join() === expected.join();
  },
  'a round is a heartbeat, and the beat begins anew (§8)': ({ step, asked }) =>
    step.event.type !== 'round.begun' ||
    (asked.map(({ type }) => type).join() === 'heartbeat.wanted' && step.armed.length === 1),
};

export function checkReplication(steps: readonly Step<Progress>[]): Wrong | null {
  for (const [at, step] of steps.entries()) {
    const before = steps[at - 1];
    if (before === undefined) continue;
    const asked = step.said.map(({ event }) => event as ReplicationRequest);
    const [was, is] = [before.context, step.context];
    const moment = { before, step, was, is, mode: modeOf(step), asked };
    const broken = Object.entries(RULES).find(([, holds]) => !holds(moment));
    if (broken !== undefined) return { at, because: `a step breaks a rule: ${broken[0]}` };
  }
  return null;
}

function modeOf({ value }: Step): string {
  const { progress } = value as { progress: string | object };
  return typeof progress === 'string' ? progress : (Object.keys(progress)[0] ?? '');
}
