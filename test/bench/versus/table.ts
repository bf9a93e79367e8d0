/** Rounds as tables: medians of each store, and its ratio to the first one, with the range. */
import { median } from '../figures.ts';

/** The same figure of each store, round by round: rounds at the same place ran after each other. */
export type Figures = Readonly<Record<string, readonly number[]>>;

/** Of values that belong together pairwise. */
export function ratios(values: readonly number[], of: readonly number[]): number[] {
  return values.slice(0, of.length).map((value, at) => value / (of[at] as number));
}

export function figureText(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en');
  return value.toPrecision(value < 1 ? 2 : 3);
}

/** The median, and from the least to the most. */
export function ratioText(values: readonly number[]): string {
  const range = [Math.min(...values), Math.max(...values)].map(figureText);
  const all = values.length > 1 ? ` (${range.join('–')})` : '';
  return `${figureText(median(values))}${all}`;
}

export interface TableRow {
  readonly name: string;
  readonly figures: Figures;
}

/** In Markdown. The first store is what the others are compared with. */
export function table(head: string, stores: readonly string[], rows: readonly TableRow[]): string {
  const [first = ''] = stores;
  const others = stores.slice(1);
  const columns = [head, first, ...others.flatMap((store) => [store, 'ratio'])];
  const lines = rows.map(({ name, figures }) => {
    const base = figures[first] ?? [];
    const cells = others.flatMap((store) => {
      const values = figures[store] ?? [];
      return [figureText(median(values)), ratioText(ratios(values, base))];
    });
    return [name, figureText(median(base)), ...cells];
  });
  const rule = columns.map((_, at) => (at === 0 ? '---' : '--:'));
  return `${[columns, rule, ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')}\n`;
}
