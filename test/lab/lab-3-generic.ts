/**
 * The course's generic key/value test: clients append, put and get for three rounds, while the
 * network loses, partitions come and go, and all servers crash between the rounds. Everything must
 * be there afterwards, once and in order, and the whole history must be linearizable (§8).
 */
import type { SeededRandom } from '../../src/simulation/random.ts';
import { assertAppends } from './appends.ts';
import type { Clerk } from './clerk.ts';
import { claim } from './course-test.ts';
import { KeyValueHistory } from './key-value-history.ts';
import { KeyValueLab, type KeyValueOptions } from './key-value-lab.ts';
import { type GenericTest, LAB_3 } from './lab-3-bounds.ts';

export async function runGeneric(
  test: GenericTest,
  seed: number,
  options: KeyValueOptions = {},
): Promise<void> {
  const lab = new KeyValueLab(seed, {
    ...options,
    servers: test.servers,
    isReliable: !test.isUnreliable,
    maxRaftState: test.maxRaftState,
  });
  const roundMs = options.isShort ? LAB_3.shortRoundMs : LAB_3.roundMs;
  const run = new GenericRun(lab, test, roundMs);
  await lab.run(() => run.all());
  run.history.assertLinearizable();
  const operationsMin = Math.floor((test.operationsMin * roundMs) / LAB_3.roundMs);
  const { size } = run.history;
  claim(size >= operationsMin, `${size} operations: a run counts from ${operationsMin} on`);
}

class GenericRun {
  readonly history: KeyValueHistory;
  readonly #lab: KeyValueLab;
  readonly #test: GenericTest;
  readonly #roundMs: number;
  readonly #random: SeededRandom;
  readonly #clerk: Clerk;
  #isOver = false;

  constructor(lab: KeyValueLab, test: GenericTest, roundMs: number) {
    this.history = new KeyValueHistory(lab.time);
    this.#lab = lab;
    this.#test = test;
    this.#roundMs = roundMs;
    this.#random = lab.random.fork('test');
    this.#clerk = lab.makeClerk();
  }

  async all(): Promise<void> {
    for (let round = 1; round <= LAB_3.rounds; round += 1) await this.#round();
  }

  async #round(): Promise<void> {
    this.#isOver = false;
    const clients = Array.from({ length: this.#test.clients }, (_, client) => this.#client(client));
    // Their failures are the round's, but not before it asks for them.
    const appended = Promise.all(clients);
    appended.catch(() => {});
    await this.#letPass(appended);
    if (this.#test.crashes) await this.#crashAll();
    const counts = await appended;
    for (const [client, count] of counts.entries()) {
      const key = String(client);
      const value = await this.history.record(this.#clerk, client, { type: 'get', key });
      if (!this.#test.hasRandomKeys) assertAppends(value, client, count);
    }
    this.#assertSizes();
  }

  /** The time of a round, with partitions if the test has any; at the end all are connected. */
  async #letPass(clients: Promise<unknown>): Promise<void> {
    const { time } = this.#lab;
    if (!this.#test.partitions) {
      await Promise.race([time.sleep(this.#roundMs), clients]);
      this.#isOver = true;
      return;
    }
    await time.sleep(LAB_3.electionTimeoutMs);
    const partitioned = this.#partition();
    await time.sleep(this.#roundMs);
    this.#isOver = true;
    await partitioned;
    this.#lab.connectAll();
    await time.sleep(LAB_3.electionTimeoutMs);
  }

  async #partition(): Promise<void> {
    while (!this.#isOver) {
      const sides = this.#lab.all.map(() => this.#random.below(2));
      this.#lab.partition(this.#lab.all.filter((at) => sides[at] === 0));
      const more = this.#random.below(LAB_3.partitionRandomMs);
      await this.#lab.time.sleep(LAB_3.electionTimeoutMs + more);
    }
  }

  async #crashAll(): Promise<void> {
    for (const at of this.#lab.all) this.#lab.shutDown(at);
    await this.#lab.time.sleep(LAB_3.electionTimeoutMs);
    for (const at of this.#lab.all) this.#lab.start(at);
    this.#lab.connectAll();
  }

  /** One client with a clerk of its own for a round; how many writes it made. */
  async #client(client: number): Promise<number> {
    const clerk = this.#lab.makeClerk();
    const { hasRandomKeys, clients } = this.#test;
    const own = String(client);
    let writes = 0;
    let last = '';
    if (!hasRandomKeys)
      await this.history.record(clerk, client, { type: 'put', key: own, value: '' });
    while (!this.#isOver) {
      await this.#beat();
      const key = hasRandomKeys ? String(this.#random.below(clients)) : own;
      const value = `x ${client} ${writes} y`;
      if (this.#random.chance(LAB_3.appendChance)) {
        await this.history.record(clerk, client, { type: 'append', key, value });
        last += value;
        writes += 1;
      } else if (hasRandomKeys && this.#random.chance(LAB_3.putChance)) {
        await this.history.record(clerk, client, { type: 'put', key, value });
        writes += 1;
      } else {
        const found = await this.history.record(clerk, client, { type: 'get', key });
        if (!hasRandomKeys) assertSame(found, last, client, writes);
      }
    }
    return writes;
  }

  /** Until the next beat, which is never now. */
  #beat(): Promise<void> {
    const { beatMs } = this.#test;
    return this.#lab.time.sleep(beatMs - (this.#lab.time.now() % beatMs));
  }

  #assertSizes(): void {
    const { maxRaftState } = this.#test;
    const { snapshotBytes } = this.#lab;
    if (maxRaftState > 0) this.#lab.assertTrimmed();
    else claim(snapshotBytes === 0, `a snapshot of ${snapshotBytes} bytes where none is wanted`);
  }
}

/** What a client gets of its own key is what it wrote; the first thing wrong with it is named. */
function assertSame(found: string, last: string, client: number, appends: number): void {
  if (found === last) return;
  assertAppends(found, client, appends);
  claim(false, `client ${client} gets more than it wrote: '${found}' instead of '${last}'`);
}
