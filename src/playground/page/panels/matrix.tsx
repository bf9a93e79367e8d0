/** A table with a name for each column and for each row. */
import type { ComponentChildren } from 'preact';

interface MatrixProps {
  readonly class: string;
  /** What it says, for those who do not see it. */
  readonly caption: string;
  /** Over the names of the rows. */
  readonly corner: ComponentChildren;
  readonly columns: readonly string[];
  readonly rows: readonly string[];
  readonly head?: (column: string) => ComponentChildren;
  readonly cell: (row: string, column: string) => ComponentChildren;
}

export function Matrix({ class: look, caption, corner, columns, rows, head, cell }: MatrixProps) {
  return (
    <table class={look}>
      <caption class="visually-hidden">{caption}</caption>
      <thead>
        <tr>
          <th scope="col">{corner}</th>
          {columns.map((column) => (
            <th scope="col" key={column}>
              {head?.(column) ?? column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <tr key={row}>
            <th scope="row" title={row}>
              {row}
            </th>
            {columns.map((column) => (
              <td key={column}>{cell(row, column)}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
