/**
 * The table of rules that are not negotiable: written from its rows, and each row has its place in
 * the code and its tests. That the tests notice is shown in
 * test/mutants.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { withMustTable } from '../mutants/must-table.ts';
import { sections } from '../mutants/musts.ts';
import { read, root } from './source-files.ts';

const musts = sections.flatMap((section) => section.musts);

describe('the musts', () => {
  it('are the table of docs/architecture.md', () => {
    const page = read('docs/architecture.md');
    expect(page, 'run `npm run must-table`').toBe(withMustTable(page, sections));
  });

  it('are each broken at one place, which is still there', () => {
    const lost = musts.filter(({ file, find }) => read(file).split(find).length !== 2);
    expect(lost.map(({ must, file, find }) => `${must} ${file}: ${find}`)).toEqual([]);
  });

  it('have tests that exist', () => {
    const missing = musts.filter(({ test }) => !existsSync(join(root, test)));
    expect(missing.map(({ must, test }) => `${must} ${test}`)).toEqual([]);
  });

  it('are each told once', () => {
    const told = musts.map(({ file, find, replace }) => `${file} ${find} ${replace}`);
    expect(new Set(told).size).toBe(told.length);
  });
});
