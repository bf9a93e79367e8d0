/** The control runs of lab 3: what the course's tests say of servers that are wrong on purpose. */
import { describe, expect, it } from 'vitest';
import { GENERIC } from './lab-3-bounds.ts';
import { runGeneric } from './lab-3-generic.ts';

const SEED = 1;
const unreliable = GENERIC.TestUnreliable3A;

describe('control runs of lab 3', () => {
  it('servers that recognise no repeats fail TestUnreliable3A: an append stands there twice', async () => {
    const run = runGeneric(unreliable, SEED, { isShort: true, recognisesRepeats: false });
    await expect(run).rejects.toThrow(/^client \d gets '.*', and wrote '.*'$|stands there twice$/);
  });

  it('servers that recognise them pass it', async () => {
    await runGeneric(unreliable, SEED, { isShort: true });
  });
});
