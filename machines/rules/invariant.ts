/** What must never be: stopping is safe, continuing is not. Assertions stay on in production. */

export class InvariantViolation extends Error {
  override readonly name = 'InvariantViolation';
}

/** @throws InvariantViolation unless `condition` holds; the host then stops the server. */
export function invariant(condition: unknown, rule: string): asserts condition {
  if (!condition) throw new InvariantViolation(`This cannot happen, so the server stops: ${rule}`);
}
