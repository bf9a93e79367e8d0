/** The same seed gives the same trace (design: time and chance): invariant 26, for one's own runs. */
import { PropertyViolation } from './referee/violation.ts';

interface Traced {
  trace(): string;
  hash(): string;
}

/**
 * Runs it twice and compares the traces.
 * @throws PropertyViolation that names the first line in which they differ.
 */
export async function checkRepeatable(run: () => Promise<Traced>): Promise<void> {
  const first = await run();
  const second = await run();
  if (first.hash() === second.hash()) return;
  const lines = [first.trace().split('\n'), second.trace().split('\n')] as const;
  const at = lines[0].findIndex((line, place) => line !== lines[1][place]);
  const sentence =
    `the same run gave two traces; line ${at + 1} was first '${lines[0][at]?.trim()}', ` +
    `then '${lines[1][at]?.trim()}'`;
  throw new PropertyViolation('Determinism', sentence, {
    seed: 'of the run',
    nowMs: 0,
    trace: lines[1].slice(Math.max(0, at - 10), at + 1).join('\n'),
    states: '',
  });
}
