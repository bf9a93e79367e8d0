/** The example of docs/guide/search.md, word for word, so that it is compiled and run. */
import { type CommandOrQuery, type Model, replay, search } from '../../src/simulation/index.ts';
import { type Answer, type Command, Inventory, type Query, type Result } from './inventory.ts';

type Stock = Readonly<Record<string, number>>;

function changed(stock: Stock, { type, item, count }: Command) {
  const before = stock[item] ?? 0;
  if (type === 'take' && before < count) {
    return { state: stock, output: { ok: false, left: before } };
  }
  const left = type === 'add' ? before + count : before - count;
  return { state: { ...stock, [item]: left }, output: { ok: true, left } };
}

export async function example(console: Pick<Console, 'log' | 'error'>, script: string) {
  const model: Model<Stock, CommandOrQuery<Command, Query>, Result | Answer> = {
    initial: {},
    apply: (stock, asked) =>
      'query' in asked
        ? { state: stock, output: stock[asked.query.item] ?? 0 }
        : changed(stock, asked.command),
    keyOf: (asked) => ('query' in asked ? asked.query.item : asked.command.item),
  };

  const subject = {
    stateMachine: () => new Inventory(),
    workload: {
      command: (next: () => number) => ({
        type: next() < 0.6 ? ('add' as const) : ('take' as const),
        item: next() < 0.5 ? 'apple' : 'pear',
        count: 1 + Math.floor(next() * 3),
      }),
      queries: () => [{ item: 'apple' }, { item: 'pear' }],
    },
    model,
  };

  const { failures } = await search({
    ...subject,
    seeds: 10,
    onProgress: ({ tried, seeds }) => console.log(`${tried} of ${seeds}`),
  });
  for (const { count, message } of failures) console.error(count, message);
  return await replay(script, subject);
}
