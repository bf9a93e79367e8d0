/** Keys, certificates and tokens are renewed by replacing their files. */
import {
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from '../../src/node/watched-files.ts';
import { VirtualClock } from '../../src/simulation/virtual-clock.ts';

let directory: string;
let path: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'statecraft-'));
  path = join(directory, 'file');
  writeFileSync(path, 'one');
});
afterEach(() => rmSync(directory, { recursive: true }));

function watch() {
  const clock = new VirtualClock();
  const renewed: string[] = [];
  const failures: string[] = [];
  const files = watchFiles({
    paths: [path],
    read: () => readFileSync(path, 'utf8'),
    onChanged: (text) => renewed.push(text),
    onFailed: (message) => failures.push(message),
    clock,
  });
  return { clock, files, renewed, failures };
}

function pass(clock: VirtualClock, durationMs: number): void {
  const until = clock.now() + durationMs;
  while (clock.fireNext(until));
  clock.advanceTo(until);
}

describe('a file that is read anew when it has changed', () => {
  it('counts within ten seconds, and is read once for each change', () => {
    const { clock, files, renewed } = watch();
    writeFileSync(path, 'two');
    pass(clock, 10_000);
    expect(files.value).toBe('two');
    pass(clock, 60_000);
    expect(renewed).toEqual(['two']);
  });

  it('may be replaced as a whole, by one of the same size', () => {
    const { clock, files } = watch();
    writeFileSync(`${path}.new`, 'two');
    renameSync(`${path}.new`, path);
    pass(clock, 10_000);
    expect(files.value).toBe('two');
  });

  it('keeps what it had while the file cannot be read, says so once, and recovers', () => {
    const { clock, files, failures } = watch();
    rmSync(path);
    pass(clock, 60_000);
    expect(files.value).toBe('one');
    expect(failures).toEqual([expect.stringContaining('no such file')]);
    writeFileSync(path, 'three');
    pass(clock, 10_000);
    expect(files.value).toBe('three');
  });

  it('keeps what it had, too, while one may not even look at it', () => {
    const { clock, files, failures } = watch();
    unlinkSync(path);
    symlinkSync(path, path);
    pass(clock, 60_000);
    expect(files.value).toBe('one');
    expect(failures).toEqual([expect.stringContaining('ELOOP')]);
    unlinkSync(path);
    writeFileSync(path, 'four');
    pass(clock, 10_000);
    expect(files.value).toBe('four');
  });

  it('is tried again, and not reported again, when it alone does not say why it cannot be read', () => {
    const failures: string[] = [];
    const clock = new VirtualClock();
    let isTooEarly = false;
    const files = watchFiles({
      paths: [path],
      read: () => {
        if (isTooEarly) throw new Error('not valid yet');
        return readFileSync(path, 'utf8');
      },
      onFailed: (message) => failures.push(message),
      clock,
    });
    isTooEarly = true;
    writeFileSync(path, 'two');
    pass(clock, 60_000);
    expect(failures).toEqual(['not valid yet']);
    isTooEarly = false;
    pass(clock, 10_000);
    expect(files.value).toBe('two');
  });

  it('is not looked at any more once it is stopped', () => {
    const { clock, files } = watch();
    files.stop();
    writeFileSync(path, 'two');
    pass(clock, 60_000);
    expect(files.value).toBe('one');
  });
});
