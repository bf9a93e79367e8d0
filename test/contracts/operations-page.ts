/** The tables of docs/operations.md, as data: what the page promises is what the tests provoke. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const PAGE = join(import.meta.dirname, '../../docs/operations.md');

export interface FaultRow {
  readonly fault: string;
  /** What the text looks like, whatever stands for `<…>`. */
  readonly text: RegExp;
  /** The last cell, without backticks: `404 not_found`, or an exit code. */
  readonly answer: string;
}

/** The rows under a heading of the page. */
export function faultRows(heading: string): readonly FaultRow[] {
  const page = readFileSync(PAGE, 'utf8');
  const section = page.split(`\n### ${heading}\n`)[1]?.split('\n### ')[0] ?? '';
  const lines = section.split('\n').filter((line) => line.startsWith('| '));
  if (lines.length < 2) throw new Error(`docs/operations.md has no table under "${heading}"`);
  return lines.slice(1).map((line) => {
    const [, fault = '', , text = '', answer = ''] = line.split(' | ').join('|').split('|');
    return { fault: fault.trim(), text: patternOf(text), answer: plain(answer) };
  });
}

function plain(cell: string): string {
  return cell.replaceAll('`', '').trim();
}

function patternOf(cell: string): RegExp {
  const escaped = plain(cell).replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll(/<[^>]+>/g, '.+').replaceAll('…', '.*')}$`);
}
