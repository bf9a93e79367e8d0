/** `statecraft diagram` as a process of its own, with files that do more than export a machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { built } from '../cluster/built-command.ts';

const XSTATE = pathToFileURL(createRequire(import.meta.url).resolve('xstate')).href;
const LAMP =
  "createMachine({ id: 'lamp', initial: 'on', states: { on: { on: { T: 'off' } }, off: {} } })";

let folder: string;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'statecraft-loaded-'));
  const file = (name: string, code: string) =>
    writeFileSync(
      join(folder, name),
      `import { createActor, createMachine } from '${XSTATE}';\n${code}`,
    );
  file('silent.mjs', `export default ${LAMP};`);
  file(
    'running.mjs',
    `const blink = createMachine({ id: 'blink', initial: 'on', states: { on: { after: { 5: 'off' } },
      off: { after: { 5: 'on' } } } });
    export const actor = createActor(blink); actor.start(); export const one = 1;`,
  );
  file('ticking.mjs', `setInterval(() => {}, 1000); export default ${LAMP};`);
  file(
    'talking.mjs',
    `console.log('so'); setInterval(console.log, 1, 'on'); export default ${LAMP};`,
  );
  file('waiting.mjs', `await new Promise(() => {}); export default ${LAMP};`);
  file('late.mjs', `await new Promise((r) => setTimeout(r, 50)); export default ${LAMP};`);
  file('ending.mjs', `process.exit(0); export default ${LAMP};`);
  file(
    'large.mjs',
    `setInterval(() => {}, 1000);
    const entry = Array.from({ length: 10_000 }, (_, at) => 'someActionWithANumber' + at);
    export default createMachine({ id: 'large', initial: 'on', states: { on: { entry } } });`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

function started(file: string): ChildProcess {
  const words = [built('main'), 'diagram', '--machine', file];
  return spawn(process.execPath, words, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
}

function codeOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve) => child.once('exit', resolve));
}

async function drawn(file: string) {
  const child = started(file);
  const [code, stdout, stderr] = await Promise.all([
    codeOf(child),
    text(child.stdout!),
    text(child.stderr!),
  ]);
  return { code, stdout, stderr };
}

describe('a file that is drawn', () => {
  it.each(['ticking.mjs', 'late.mjs', 'talking.mjs'])(
    'may keep timers, come late or talk: %s gives the picture and nothing else',
    async (name) => {
      const [it, plain] = await Promise.all([drawn(`./${name}`), drawn('./silent.mjs')]);
      expect(plain.stdout).toMatch(/^stateDiagram-v2\n/);
      expect(plain).toMatchObject({ code: 0, stderr: '' });
      expect(it).toMatchObject({ code: 0, stdout: plain.stdout });
      expect(it.stderr.startsWith('so\n')).toBe(name === 'talking.mjs');
    },
  );

  it('may have an actor that runs: it ends with the picture, and with the right code', async () => {
    const [found, missed] = await Promise.all([
      drawn('./running.mjs#actor'),
      drawn('./running.mjs#one'),
    ]);
    expect(found).toMatchObject({ code: 0, stderr: '' });
    expect(found.stdout).toContain('blink_on --> blink_off : after 5');
    expect(missed).toMatchObject({ code: 2, stdout: '' });
    expect(missed.stderr).toMatch(
      /^statecraft: what .* exports as one is not a state machine;.*\n$/,
    );
  });

  it('is told apart from one that never comes, and from one that ends the process', async () => {
    const [waiting, ending] = await Promise.all([drawn('./waiting.mjs'), drawn('./ending.mjs')]);
    expect(waiting).toMatchObject({ code: 2, stdout: '' });
    expect(waiting.stderr).toMatch(/^statecraft: \.\/waiting\.mjs .*await never settles;.*\n$/);
    expect(ending).toMatchObject({ code: 2, stdout: '' });
    expect(ending.stderr).toMatch(/^statecraft: \.\/ending\.mjs ended the process, .*\n$/);
  });
});

describe('whoever reads the picture', () => {
  it('may be slow, and gets all of it', async () => {
    const child = started('./large.mjs');
    const code = codeOf(child);
    await new Promise((resolve) => child.stdout!.once('readable', resolve));
    // More than a pipe holds is still to come, and the command is still there.
    expect(child.exitCode).toBeNull();
    expect((await text(child.stdout!)).trimEnd().split('\n')).toHaveLength(4 + 10_000);
    expect(await code).toBe(0);
  });

  it('may have seen enough: that is no failure', async () => {
    const child = started('./large.mjs');
    child.stdout!.destroy();
    const [code, stderr] = await Promise.all([codeOf(child), text(child.stderr!)]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  });
});
