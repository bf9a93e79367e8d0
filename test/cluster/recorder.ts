/** Calls of our client, each written down with what it was told and when. */
import type { CallOptions, Client, ClientOutcome, Value } from '../../src/client/index.ts';
import { type Answer, type Call, HistoryFile } from './history.ts';

/** Long enough for a leader to be found again after any of the faults. */
const OPTIONS: CallOptions = { timeoutMs: 20_000 };

/** Who calls: by which client, and under which name in the history. */
export interface Caller {
  readonly client: Client;
  readonly name: string;
}

export class Recorder {
  readonly history: HistoryFile;
  /** Every key that anybody has touched. */
  readonly keys = new Set<string>();
  /** Operations that succeeded. */
  answered = 0;

  constructor(path: string) {
    this.history = new HistoryFile(path);
  }

  get({ client, name }: Caller, key: string): Promise<ClientOutcome<Value | null>> {
    const call: Call = { type: 'get', key };
    return this.record(name, call, () => client.get(key, OPTIONS), textOf);
  }

  put({ client, name }: Caller, key: string, value: string) {
    const call: Call = { type: 'put', key, value };
    return this.record(
      name,
      call,
      () => client.put(key, value, OPTIONS),
      () => null,
    );
  }

  append({ client, name }: Caller, key: string, value: string) {
    const attempt = () => client.append(key, value, OPTIONS);
    return this.record(name, { type: 'append', key, value }, attempt, ({ length }) => length);
  }

  /** Only if the key is still as it was seen; null when there was none. */
  compareAndSet({ client, name }: Caller, key: string, seen: Value | null, value: string) {
    const call: Call = { type: 'compareAndSet', key, expected: textOf(seen), value };
    const condition = seen === null ? { ifAbsent: true as const } : { ifRevision: seen.revision };
    const attempt = () => client.put(key, value, { ...OPTIONS, ...condition });
    return this.record(name, call, attempt, () => true);
  }

  async record<Result>(
    client: string,
    call: Call,
    attempt: () => Promise<ClientOutcome<Result>>,
    answerOf: (result: Result) => Answer,
  ): Promise<ClientOutcome<Result>> {
    this.keys.add(call.key);
    const calledAt = performance.now();
    const outcome = await attempt();
    const settledAt = performance.now();
    const times = { client, call, calledAt, settledAt };
    if (outcome.outcome === 'applied') {
      this.answered += 1;
      this.history.add({ ...times, told: 'answered', answer: answerOf(outcome.result) });
    } else if (outcome.outcome === 'refused' && outcome.reason === 'condition-failed') {
      this.history.add({ ...times, told: 'answered', answer: false });
    } else {
      this.history.add({ ...times, told: outcome.outcome, answer: null });
    }
    return outcome;
  }
}

function textOf(found: Value | null): string | null {
  return found === null ? null : new TextDecoder().decode(found.value);
}
