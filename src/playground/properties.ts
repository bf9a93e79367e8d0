/** The five properties of Figure 3, as the referee has found them up to a frame. */
import type { Frame } from './frame.ts';

const SAYS = {
  'Election Safety': 'at most one leader for each term',
  'Leader Append-Only': 'a leader never overwrites or removes its entries',
  'Log Matching': 'an entry of one index and term has one past',
  'Leader Completeness': 'what is committed is in the logs of all later leaders',
  'State Machine Safety': 'no two servers apply different entries at one index',
} as const;

/** Of each what fell, with the numbers, or null while it holds; and what has been looked at so far. */
export function propertiesOf({ checks, violation }: Frame) {
  const { termsLed, leaderSteps, entriesMatched, leadersCompared, entriesApplied } = checks;
  const state = (name: keyof typeof SAYS, section: string, checked: string) => ({
    name,
    says: SAYS[name],
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
