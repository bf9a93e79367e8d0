/** The table *must → the change that breaks it → the test that turns red* of docs/architecture.md. */
import type { Must, MustSection } from './must.ts';

const startMarker = '<!-- musts:start -->';
const endMarker = '<!-- musts:end -->';

export function mustTable(sections: readonly MustSection[]): string {
  const parts = sections.map(({ title, musts }) =>
    [
      `### ${title}`,
      '',
      '| Must | Broken by | Turns red |',
      '| --- | --- | --- |',
      ...musts.map(rowOf),
    ].join('\n'),
  );
  return `${parts.join('\n\n')}\n`;
}

/** The page with its table written anew. @throws Error when it has no place for one. */
export function withMustTable(page: string, sections: readonly MustSection[]): string {
  const start = page.indexOf(startMarker);
  const end = page.indexOf(endMarker);
  if (start === -1 || end < start) throw new Error(`The page has no ${startMarker} … ${endMarker}`);
  return `${page.slice(0, start)}${startMarker}\n\n${mustTable(sections)}\n${page.slice(end)}`;
}

function rowOf({ must, file, find, replace, test }: Must): string {
  return `| ${must} | ${link(file)}: ${differing(find, replace)} | ${link(test)} |`;
}

/** What is changed, in a line. */
export function differing(find: string, replace: string): string {
  const [before, after] = changed(find, replace);
  return after === '' ? `without ${code(before)}` : `${code(before)} → ${code(after)}`;
}

/** The lines that differ, on one line each. */
function changed(find: string, replace: string): readonly [string, string] {
  const old = find.split('\n').map((line) => line.trim());
  const now = replace.split('\n').map((line) => line.trim());
  const gone = old.filter((line) => !now.includes(line));
  const come = now.filter((line) => !old.includes(line));
  return [(gone.length > 0 ? gone : old.slice(-1)).join(' '), come.join(' ')];
}

export function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|')}\``;
}

export function link(path: string): string {
  return `[${path.slice(path.lastIndexOf('/') + 1)}](../${path})`;
}
