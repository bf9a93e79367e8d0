/** Every door opens, and the command runs, where nothing but the package and its peers is installed. */
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, inject, it } from 'vitest';
import { stateMachineClauses, storageClauses } from '../../src/testing/index.ts';
import { ended } from '../cluster/command.ts';
import { freePorts } from '../cluster/running-cluster.ts';
import { machinesWith, NAMELESS } from '../contracts/wrong-state-machine.ts';
import { packedFolder, packedPackage } from './installed.ts';
import { MAJORS, nodeOf } from './node-versions.ts';
import { doors, installInto, manifest, ROOT, run, userPackages } from './packed.ts';

const COMMAND = 'node_modules/statecraft/dist/src/cli/main.js';
/** What the package may bring along: its own dependencies and theirs, and no more. */
const INSTALLED_MAX = 16;

const clauses = [
  ...storageClauses,
  ...stateMachineClauses(machinesWith('none'), {
    command: () => ({ name: 'a', bytes: new Uint8Array() }),
    failing: () => NAMELESS,
    queries: () => ['a'],
  }),
];

describe.each(MAJORS)('under Node.js %i', (major) => {
  let node = '';
  let folder = '';

  beforeAll(async () => {
    folder = packedFolder();
    node = await nodeOf(major);
    const { stdout } = await run(node, ['--version']);
    expect(stdout).toMatch(new RegExp(`^v${major}\\.`));
  });

  it('every door opens', async () => {
    const names = await doors();
    const script = `
      for (const door of ${JSON.stringify(names)}) {
        console.log(door, Object.keys(await import(door)).length);
      }`;
    const { stdout, stderr } = await run(node, ['--input-type=module', '--eval', script], {
      cwd: folder,
    });
    expect(stderr).toBe('');
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0]),
    ).toEqual(names);
    expect(stdout).not.toMatch(/ 0$/m);
  });

  it('a storage and a state machine keep their contracts under its own test runner', async () => {
    const page = await readFile(join(ROOT, 'docs/conformance.md'), 'utf8');
    const [, example = ''] = /<!-- contracts:start -->\n```ts\n([\s\S]*?)```/.exec(page) ?? [];
    const place = join(folder, `contracts-${major}`);
    await mkdir(place);
    await writeFile(join(place, 'contracts.test.js'), example);
    const flags = ['--test', '--test-reporter=tap', 'contracts.test.js'];
    const { stdout } = await run(node, flags, { cwd: place, maxBuffer: 1e8 });
    expect(stdout).toMatch(new RegExp(`^# pass ${clauses.length}$`, 'm'));
    expect(stdout).toMatch(/^# fail 0$/m);
    for (const { name } of clauses) expect(stdout).toContain(name.replaceAll('#', '\\#'));
  });

  it('a cluster starts from it, keeps a key, and tells its figures', async () => {
    const place = await mkdtemp(join(tmpdir(), 'statecraft-packed-'));
    const first = await freePorts(6);
    const ports = ['--client-port', `${first}`, '--peer-port', `${first + 3}`];
    const command = join(folder, COMMAND);
    const cluster = spawn(node, [command, 'cluster', ...ports], { cwd: place });
    const end = ended(cluster);
    try {
      const ready = new Promise<string>((resolve, reject) => {
        cluster.stdout.on('data', (text) => /^ready: /m.test(`${text}`) && resolve('ready'));
        cluster.once('close', () => reject(new Error('the cluster ended before it was ready')));
      });
      await ready;
      const address = `http://127.0.0.1:${first}`;
      const endpoints = ['--endpoints', address];
      const put = await run(node, [command, 'put', 'greeting', 'hello', ...endpoints]);
      expect(put.stdout.trim()).toBe('OK');
      const got = await run(node, [command, 'get', 'greeting', ...endpoints]);
      expect(got.stdout).toBe('hello');
      const metrics = await fetch(`${address}/metrics`).then((answer) => answer.text());
      expect(metrics).toMatch(/^raft_has_leader 1$/m);
    } finally {
      cluster.kill('SIGTERM');
      const { code, stderr } = await end;
      await rm(place, { recursive: true, force: true });
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    }
  });

  it('the command draws a machine', async () => {
    const drawn = ['diagram', '--machine', 'server', '--format', 'svg'];
    const { stdout, stderr } = await run(node, [COMMAND, ...drawn], {
      cwd: folder,
      maxBuffer: 1e8,
    });
    expect(stderr).toBe('');
    expect(stdout).toMatch(/^<svg [\s\S]*<\/svg>\s*$/);
  });

  it('statecraft/inspector serves its page', async () => {
    const script = `
      import { inspectServer } from 'statecraft/inspector';
      const { url, close } = await inspectServer({ port: 0 });
      const answer = await fetch(url);
      const page = await answer.text();
      const [, script] = /src="([^"]+\\.js)"/.exec(page);
      const code = await fetch(new URL(script, answer.url));
      console.log(answer.status, code.status, (await code.text()).length > 10_000);
      await close();`;
    const { stdout, stderr } = await run(node, ['--input-type=module', '--eval', script], {
      cwd: folder,
    });
    expect({ stdout, stderr }).toEqual({ stdout: '200 200 true\n', stderr: '' });
  });

  it('npm installs it without a word about engines', async () => {
    const place = await mkdtemp(join(tmpdir(), 'statecraft-engines-'));
    try {
      const packages = [inject('packedTarball'), ...(await userPackages())];
      const said = await installInto(place, packages, ['--ignore-scripts'], node);
      expect(said).toContain('added ');
      expect(said).not.toMatch(/warn|EBADENGINE/);
    } finally {
      await rm(place, { recursive: true, force: true });
    }
  });
});

describe('installed beside its peers', () => {
  it('it brings what the library needs, and nothing that only the command needs', async () => {
    const path = join(packedFolder(), 'node_modules/.package-lock.json');
    const { packages } = JSON.parse(await readFile(path, 'utf8')) as { packages: object };
    const installed = Object.keys(packages);
    expect(installed).toContain('node_modules/statecraft');
    expect(installed.length).toBeLessThan(INSTALLED_MAX);
    for (const name of ['commander', 'elkjs', 'fastify', 'prom-client', 'vitest']) {
      expect(installed).not.toContain(`node_modules/${name}`);
    }
  });

  it('the library loads no bundle but that of checks until something is drawn or served', async () => {
    const names = (await doors()).map((door) => JSON.stringify(door));
    const script = `
      import { registerHooks } from 'node:module';
      registerHooks({
        load(url, context, next) {
          if (url.includes('/vendor/')) console.log(url);
          return next(url, context);
        },
      });
      for (const door of [${names}]) await import(door);
      const { chartOf, layOut } = await import('statecraft/diagram');
      const { machines } = await import('statecraft/machines');
      console.log('drawing');
      await layOut(chartOf(machines.request.root));`;
    const { stdout } = await run(await nodeOf(24), ['--input-type=module', '--eval', script], {
      cwd: packedFolder(),
    });
    const bundle = (name: string) => expect.stringMatching(new RegExp(`/vendor/${name}\\.js$`));
    // The inspector's door checks traces that are read: a bundle of 21 kB.
    expect(stdout.trim().split('\n')).toEqual([bundle('valibot'), 'drawing', bundle('elk')]);
  });

  it('its version is ours', async () => {
    const { version } = JSON.parse(await readFile(join(packedPackage(), 'package.json'), 'utf8'));
    const { stdout } = await run(process.execPath, [COMMAND, '--version'], { cwd: packedFolder() });
    expect(stdout.trim()).toBe(version);
    expect(await manifest()).toHaveProperty('version', version);
  });
});
