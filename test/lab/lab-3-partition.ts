/** TestUnreliableOneKey3A and TestOnePartition3A: the course's key/value tests of one fault each. */
import { assertAppends } from './appends.ts';
import { expectValues } from './clerk.ts';
import { claim } from './course-test.ts';
import { KeyValueLab, type KeyValueOptions } from './key-value-lab.ts';
import { LAB_3, ONE_KEY, ONE_PARTITION } from './lab-3-bounds.ts';

/** Concurrent appends to one key over an unreliable network: each once, each client's in order. */
export async function runUnreliableOneKey(
  seed: number,
  options: KeyValueOptions = {},
): Promise<void> {
  const { servers, clients, appends } = ONE_KEY;
  const lab = new KeyValueLab(seed, { ...options, servers, isReliable: false, maxRaftState: -1 });
  await lab.run(async () => {
    const clerk = lab.makeClerk();
    await clerk.put('k', '');
    const working = Array.from({ length: clients }, async (_, client) => {
      const own = lab.makeClerk();
      for (let i = 0; i < appends; i += 1) await own.append('k', `x ${client} ${i} y`);
    });
    await Promise.all(working);
    const value = await clerk.get('k');
    for (let client = 0; client < clients; client += 1) assertAppends(value, client, appends);
    const length = clients * appends * 'x 0 0 y'.length;
    claim(value.length === length, `the value holds the appends and nothing else: '${value}'`);
  });
}

/** A minority with the old leader makes no progress, and makes it once the network has healed. */
export async function runOnePartition(seed: number, options: KeyValueOptions = {}): Promise<void> {
  const { servers, minorityMs, completionMs } = ONE_PARTITION;
  const lab = new KeyValueLab(seed, { ...options, servers, maxRaftState: -1 });
  await lab.run(async () => {
    const clerk = lab.makeClerk();
    await clerk.put('1', '13');
    const { majority, minority } = lab.majorityWithoutLeader();
    lab.partition(majority);
    const inMajority = lab.makeClerk(majority);
    const writer = lab.makeClerk(minority);
    const reader = lab.makeClerk(minority);
    await inMajority.put('1', '14');
    await expectValues(inMajority, { 1: '14' });

    const done = new Set<string>();
    const put = writer.put('1', '15').then(() => done.add('put'));
    const get = reader.get('1').then(() => done.add('get'));
    await lab.time.sleep(minorityMs);
    claim(done.size === 0, `done in the minority: ${[...done].join(', ')}`);
    await expectValues(inMajority, { 1: '14' });
    await inMajority.put('1', '16');
    await expectValues(inMajority, { 1: '16' });

    lab.connectAll();
    for (const waiting of [writer, reader]) lab.connectClerk(waiting);
    await lab.time.sleep(LAB_3.electionTimeoutMs);
    const both = Promise.all([put, get]).then(() => true);
    const areDone = await Promise.race([both, lab.time.sleep(completionMs).then(() => false)]);
    claim(
      areDone,
      `done ${completionMs} ms after the healing: ${[...done].join(', ') || 'nothing'}`,
    );
    await expectValues(clerk, { 1: '15' });
  });
}
