/** The five properties of Figure 3, as the referee has found them up to a frame. */
import type { Frame } from './frame.ts';

export type PropertyName =
  | 'Election Safety'
  | 'Leader Append-Only'
  | 'Log Matching'
  | 'Leader Completeness'
  | 'State Machine Safety';

export interface PropertyState {
  readonly name: PropertyName;
  readonly section: string;
  /** What fell, with the numbers; null while it holds. */
  readonly violation: string | null;
  /** What has been looked at so far. */
  readonly checked: string;
}

export function propertiesOf({ checks, violation }: Frame): readonly PropertyState[] {
  const { termsLed, leaderSteps, entriesMatched, leadersCompared, entriesApplied } = checks;
  const state = (name: PropertyName, section: string, checked: string): PropertyState => ({
    name,
    section,
    violation: violation?.invariant === name ? violation.sentence : null,
    checked,
  });
  return [
    state('Election Safety', '§5.2', `${counted(termsLed, 'term')} with a leader`),
    state('Leader Append-Only', '§5.3', `${counted(leaderSteps, 'step')} of leaders`),
    state('Log Matching', '§5.3', `${counted(entriesMatched, 'stored entry', 'stored entries')}`),
    state('Leader Completeness', '§5.4', `${counted(leadersCompared, 'log')} of leaders`),
    state(
      'State Machine Safety',
      '§5.4.3',
      `${counted(entriesApplied, 'applied entry', 'applied entries')}`,
    ),
  ];
}

function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}
