/** What the clerks of a test did and saw, and whether one copy of the data explains it (§8). */
import {
  checkLinearizable,
  type Model,
  type Operation,
} from '../../src/checker/linearizability.ts';
import type { Clerk } from './clerk.ts';
import { claim } from './course-test.ts';
import type { KeyValueOperation } from './key-value-wire.ts';
import type { VirtualTime } from './virtual-time.ts';

/** Put and append answer nothing; a key that is not there counts as empty. */
export const keyValueModel: Model<string, KeyValueOperation, string> = {
  initial: '',
  apply(state, operation) {
    if (operation.type === 'get') return { state, output: state };
    const { type, value } = operation;
    return { state: type === 'put' ? value : state + value, output: '' };
  },
  keyOf: ({ key }) => key,
  isSameOutput: (expected, actual) => expected === actual,
  fingerprint: (state) => state,
};

export class KeyValueHistory {
  readonly #time: VirtualTime;
  readonly #operations: Operation<KeyValueOperation, string>[] = [];

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get size(): number {
    return this.#operations.length;
  }

  /** Has the clerk do it, and keeps when it was asked, when answered, and what. */
  async record(clerk: Clerk, client: number, input: KeyValueOperation): Promise<string> {
    const calledAt = this.#time.now();
    const output = await clerk.do(input);
    this.#operations.push({ client, input, calledAt, returnedAt: this.#time.now(), output });
    return output;
  }

  assertLinearizable(): void {
    const { verdict, text } = checkLinearizable(this.#operations, keyValueModel);
    claim(verdict === 'ok', `the history of ${this.size} operations: ${verdict}\n${text}`);
  }
}
