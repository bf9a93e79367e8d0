/** When a server that is within reach says so little that it must be hanging. */

/** Of a server that is heard often; a busy one tells whole runs, a second apart. */
const BUSY_SILENCE_MS = 1_500;
/** Whoever has nothing to tell still answers the page's ping, each two seconds. */
const IDLE_SILENCE_MS = 3_000;
/** So many records are missing before a silence of a server means anything. */
const MISSING = 8;

/** @param history - records of each of the last seconds, oldest first; a silence ends it */
export function silenceMaxMs(source: 'server' | 'actors', history: readonly number[]): number {
  const spoken = history.filter((count) => count > 0).sort((one, other) => one - other);
  // One's own actors may do much, and then nothing for long.
  if (source === 'actors' || spoken.length === 0) return IDLE_SILENCE_MS;
  const usual = spoken[spoken.length >> 1] as number;
  return Math.min(IDLE_SILENCE_MS, Math.max(BUSY_SILENCE_MS, (MISSING / usual) * 1_000));
}
