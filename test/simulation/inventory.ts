/** A small state machine of a user's own, its workload, and one copy of its data as a model. */
import type { AppliedEntry, StateMachine } from '../../src/index.ts';
import type { CommandOrQuery, Model, Workload } from '../../src/simulation/index.ts';

export type Command =
  | { readonly type: 'add'; readonly item: string; readonly count: number }
  | { readonly type: 'take'; readonly item: string; readonly count: number };
export type Result = { readonly ok: boolean; readonly left: number };
export type Query = { readonly item: string };
export type Answer = number;

export class Inventory implements StateMachine<Command, Result, Query, Answer> {
  stock = new Map<string, number>();

  apply({ type, item, count }: Command, _entry: AppliedEntry): Result {
    const before = this.stock.get(item) ?? 0;
    if (type === 'take' && before < count) return { ok: false, left: before };
    const left = type === 'add' ? before + count : before - count;
    this.stock.set(item, left);
    return { ok: true, left };
  }

  query({ item }: Query): Answer {
    return this.stock.get(item) ?? 0;
  }

  snapshot(): Uint8Array[] {
    return [new TextEncoder().encode(JSON.stringify([...this.stock]))];
  }

  async restore(chunks: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
    this.stock = new Map(JSON.parse(text));
  }
}

const ITEMS = ['apple', 'pear'] as const;

export const workload: Workload<Command, Query> = {
  command: (next) => ({
    type: next() < 0.6 ? 'add' : 'take',
    item: ITEMS[Math.floor(next() * ITEMS.length)] ?? 'apple',
    count: 1 + Math.floor(next() * 3),
  }),
  queries: () => ITEMS.map((item) => ({ item })),
};

type Stock = Readonly<Record<string, number>>;

export const model: Model<Stock, CommandOrQuery<Command, Query>, Result | Answer> = {
  initial: {},
  apply(stock, asked) {
    if ('query' in asked) return { state: stock, output: stock[asked.query.item] ?? 0 };
    const { type, item, count } = asked.command;
    const before = stock[item] ?? 0;
    if (type === 'take' && before < count)
      return { state: stock, output: { ok: false, left: before } };
    const left = type === 'add' ? before + count : before - count;
    return { state: { ...stock, [item]: left }, output: { ok: true, left } };
  },
  keyOf: (asked) => ('query' in asked ? asked.query.item : asked.command.item),
};
