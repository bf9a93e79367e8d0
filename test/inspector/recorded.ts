/** An account of real XState actors, as records; the reader of what it tells. */
import type { InspectionEvent } from 'xstate';
import {
  type BudgetLimits,
  DEFAULT_BUDGET,
  LandmarkAllowances,
  RecordBudget,
} from '../../src/inspector/budget.ts';
import { EventRecorder, type EventRecorderOptions } from '../../src/inspector/event-recorder.ts';
import type { InspectionRecord, TransitionRecord } from '../../src/inspector/protocol.ts';

export const NOTHING: BudgetLimits = {
  ...DEFAULT_BUDGET,
  recordsPerWindow: 0,
  recordsWhenShort: 0,
  recordsMax: 0,
  recordsForOrdinary: 0,
};

export const EVERYTHING: BudgetLimits = {
  ...DEFAULT_BUDGET,
  recordsMax: Number.MAX_SAFE_INTEGER,
  charactersMax: Number.MAX_SAFE_INTEGER,
};

/** As if nothing were a landmark. */
export function noLandmarks(): Pick<EventRecorderOptions, 'allowances'> {
  const allowances = new LandmarkAllowances({ recordsAtOnce: 0, recordsPerSecond: 0, kindsMax: 1 });
  return { allowances };
}

export class Accounted {
  readonly account: EventRecorder;
  readonly records: InspectionRecord[] = [];

  constructor(limits: BudgetLimits = EVERYTHING, options: Partial<EventRecorderOptions> = {}) {
    this.account = new EventRecorder({
      now: () => 1_000,
      budget: new RecordBudget(limits),
      ...options,
    });
  }

  /** For `createActor(machine, { inspect })`. */
  readonly inspect = (event: InspectionEvent): void => this.account.record(event);

  /** What is new since the last time, in order. */
  next(): readonly InspectionRecord[] {
    const records = this.account.lines().map((line) => JSON.parse(line) as InspectionRecord);
    this.records.push(...records);
    return records;
  }

  transitions(): readonly TransitionRecord[] {
    return this.next().filter((record) => record.type === 'transition');
  }
}

/** A record in few words, for comparison: `transition child go x→y`. */
export function brief(record: InspectionRecord): string {
  switch (record.type) {
    case 'transition':
      return `${record.actor}: ${record.event.type}${record.from === null ? '' : ` from ${record.from}`}`;
    case 'actor':
      return `${record.actor} is there`;
    case 'state':
      return `${record.actor} stands at ${JSON.stringify(record.value)}`;
    case 'stopped':
      return `${record.actor} is ${record.status}`;
    case 'failed':
      return `${record.actor} failed: ${record.message}`;
    case 'dropped':
      return `${record.count} dropped`;
    default:
      return record.type;
  }
}
