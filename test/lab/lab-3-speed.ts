/** TestSpeed3A and TestSpeed3B: an operation waits for a majority, not for a heartbeat. */
import { assertAppends } from './appends.ts';
import { claim } from './course-test.ts';
import { KeyValueLab, type KeyValueOptions } from './key-value-lab.ts';
import { SPEED } from './lab-3-bounds.ts';

export async function runSpeed(
  maxRaftState: number,
  seed: number,
  options: KeyValueOptions = {},
): Promise<void> {
  const lab = new KeyValueLab(seed, { ...options, servers: SPEED.servers, maxRaftState });
  await lab.run(async () => {
    const clerk = lab.makeClerk();
    await clerk.get('x');
    const startedAt = lab.time.now();
    for (let i = 0; i < SPEED.operations; i += 1) await clerk.append('x', `x 0 ${i} y`);
    const each = (lab.time.now() - startedAt) / SPEED.operations;
    assertAppends(await clerk.get('x'), 0, SPEED.operations);
    claim(
      each <= SPEED.operationMsMax,
      `an operation takes ${each} ms, at most ${SPEED.operationMsMax} ms`,
    );
  });
}
