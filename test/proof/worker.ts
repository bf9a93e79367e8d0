/** Does one unit of a proof after the other, as the main process asks. */
import { performUnit } from './perform.ts';
import type { Unit } from './plan.ts';

process.on('message', async (unit: Unit) => {
  const startedAt = performance.now();
  const result = await performUnit(unit).then(
    (counts) => ({ error: null, counts }),
    (error: unknown) => ({ error: textOf(error), counts: {} }),
  );
  process.send?.({ unit, ms: Math.round(performance.now() - startedAt), ...result });
});

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
