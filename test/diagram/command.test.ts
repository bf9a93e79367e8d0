/** `statecraft diagram`: what it draws, and what it says when there is nothing to draw. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { machines } from '../../machines/index.ts';
import { chosenMachine } from '../../src/cli/machine-choice.ts';
import { createProgram } from '../../src/cli/program.ts';
import { mermaid, svg, transitionTable } from '../../src/diagram/index.ts';

async function printed(...words: readonly string[]): Promise<string> {
  const written = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  try {
    await (await createProgram()).parseAsync(['node', 'statecraft', 'diagram', ...words]);
    return written.mock.calls.map(([text]) => String(text)).join('');
  } finally {
    written.mockRestore();
  }
}

describe('statecraft diagram', () => {
  it('writes a Mermaid text, a picture or a table, and nothing else', async () => {
    expect(await printed('--machine', 'request')).toBe(mermaid(machines.request));
    expect(await printed('--machine', 'server', '--format', 'table')).toBe(
      transitionTable(machines.server),
    );
    expect(await printed('--machine', 'request', '--format', 'svg', '--brief')).toBe(
      await svg(machines.request, { isBrief: true }),
    );
  });
});

describe('the machine that is meant', () => {
  const folder = mkdtempSync(join(tmpdir(), 'statecraft-diagram-'));
  const file = (name: string) => join(folder, name);

  beforeAll(() => {
    const machine = `{ id, root: { path: [], machine: { id }, states: {}, transitions: new Map() } }`;
    writeFileSync(
      file('lamps.mjs'),
      `const id = 'lamp'; export const lamp = ${machine};` +
        `export const actor = { logic: lamp }; export const colour = 'red';`,
    );
    writeFileSync(file('default.mjs'), `const id = 'lamp'; export default ${machine};`);
    writeFileSync(file('broken.mjs'), 'export const = 1;');
    writeFileSync(
      file('typed.mjs'),
      `const code = 'ERR_UNKNOWN_FILE_EXTENSION';` +
        `throw Object.assign(new TypeError('Unknown file extension ".ts" for lamp.ts'), { code });`,
    );
    writeFileSync(file('numbers.mjs'), 'export const one = 1; export const two = 2;');
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is one of ours, an export of a file, its default one, or the logic of an actor', async () => {
    expect(await chosenMachine('replication')).toBe(machines.replication);
    expect(await chosenMachine(`${file('lamps.mjs')}#lamp`)).toMatchObject({ id: 'lamp' });
    expect(await chosenMachine(`${file('lamps.mjs')}#actor`)).toMatchObject({ id: 'lamp' });
    expect(await chosenMachine(file('default.mjs'))).toMatchObject({ id: 'lamp' });
  });

  it.each([
    ['nobody', /no machine is called nobody: known are server, replication, request;/],
    ['', /no machine was named: known are/],
    ['constructor', /no machine is called constructor/],
    ['./nowhere.js#x', /there is no file \.\/nowhere\.js/],
    ['./test/diagram', /^\.\/test\/diagram is a folder: name the file in it/],
  ])('%s is not a machine: the answer lists those that there are', async (choice, message) => {
    await expect(chosenMachine(choice)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  it.each([
    ['lamps.mjs', /exports nothing as default; its machines are .*lamps\.mjs#lamp$/],
    ['lamps.mjs#colour', /exports as colour is not a state machine; its machines are/],
    ['lamps.mjs#toString', /exports nothing as toString/],
    ['lamps.mjs#', /^no export is named after the # of .*lamps\.mjs#; its machines are/],
    ['numbers.mjs#one', /is not a state machine; it exports one, two, and no machine/],
    ['broken.mjs', /broken\.mjs cannot be loaded: /],
    ['typed.mjs', /compile it, or .* node --import tsx node_modules\/\.bin\/statecraft instead/],
  ])('%s holds none under that name, and the answer is one line', async (choice, message) => {
    const failure = await chosenMachine(file(choice)).catch((error: unknown) => error);
    expect(failure).toMatchObject({ exitCode: 2, message: expect.stringMatching(message) });
    expect((failure as Error).message).not.toContain('\n');
  });
});
