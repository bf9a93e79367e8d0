/** A data directory on a file system with mount options of its own. Not everybody may mount one. */
import { spawn, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fileStorage } from '../../src/node/file-storage.ts';
import { BASE, IDENTITY } from '../../src/testing/storage-model.ts';
import { ended } from './command.ts';
import { COMMAND, freePorts } from './running-cluster.ts';

const MOUNT = 'mount -t tmpfs -o "$1" none "$0" && shift && exec "$@"';
const mayMount = spawnSync('unshare', ['--mount', 'true']).status === 0;

let directory = '';
let port = 0;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'statecraft-mounts-'));
  port = await freePorts(2);
});
afterAll(() => rm(directory, { recursive: true }));

/** A server whose directory is on a fresh file system. */
function serverOn(options: string) {
  const cluster = ['--cluster', `a=127.0.0.1:${port + 1}`, '--client-addr', `127.0.0.1:${port}`];
  const place = ['--data-dir', join(directory, 'a'), '--bootstrap'];
  const server = [process.execPath, ...COMMAND, 'server', '--id', 'a', ...cluster, ...place];
  const argv = ['--mount', 'sh', '-c', MOUNT, directory, options, ...server];
  return spawn('unshare', argv, { stdio: ['ignore', 'pipe', 'pipe'] });
}

describe.runIf(mayMount)('a data directory on a file system', () => {
  it('that is mounted read-only ends the start with a sentence', async () => {
    const { code, stderr } = await ended(serverOn('ro'));
    expect(stderr).toMatch(/Making .* failed: EROFS.* mounted read-only, .* mount it writable, /);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('that is full ends the start with a sentence', async () => {
    const { code, stderr } = await ended(serverOn('size=1m'));
    expect(stderr).toMatch(/Making .* failed: ENOSPC. The disk is full: free some space, /);
    expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(code).toBe(2);
  });

  it('that is mounted noexec serves as any other: nothing of it is executed', async () => {
    const child = serverOn('noexec');
    const result = ended(child);
    const leads = new Promise<void>((resolve) => {
      child.stderr?.on('data', (text: string) => text.includes('leads term') && resolve());
    });
    await Promise.race([leads, result]);
    child.kill('SIGTERM');
    expect(await result).toMatchObject({ code: 0, stderr: expect.stringContaining('leads term') });
  });
});

describe('a data directory', () => {
  it('that others may change is one, with a warning at each start that says what to do', async () => {
    const open = join(directory, 'open');
    await mkdir(open);
    await chmod(open, 0o777);
    const made = fileStorage(open, { segmentBytes: 4_096 });
    const { warnings } = await made.initialise(IDENTITY, BASE);
    const sentence = `Users other than its owner may change ${open} (mode 777), and so replace this server's files: chmod 700 ${open}`;
    expect(warnings).toEqual([sentence]);
    await made.close();
    const found = fileStorage(open, { segmentBytes: 4_096 });
    expect((await found.load(IDENTITY))?.warnings).toEqual([sentence]);
    await found.close();
  });

  it.each([0o700, 0o755])('of mode %o is fine: its files are their owner’s alone', async (mode) => {
    const path = join(directory, `mode-${mode}`);
    await mkdir(path);
    await chmod(path, mode);
    const storage = fileStorage(path, { segmentBytes: 4_096 });
    expect((await storage.initialise(IDENTITY, BASE)).warnings).toEqual([]);
    await storage.close();
  });
});
