/** When a server that has ended is started again, and what is said: as a decision, in numbers. */
import { describe, expect, it } from 'vitest';
import {
  NEVER_ENDED,
  needsOperator,
  nextRestart,
  type RestartHistory,
  type ServerExit,
} from '../../src/cli/restart-policy.ts';
import { StorageError } from '../../src/host/errors.ts';
import { damaged, failed } from '../../src/node/damage.ts';

const KILLED: ServerExit = { type: 'killed', how: 'SIGKILL' };
const FAILED: ServerExit = { type: 'failed', how: 'exit code 1' };
const DISK: ServerExit = { type: 'cannotStart', message: 'EIO: read.', needsOperator: false };
const DAMAGED: ServerExit = { type: 'cannotStart', message: 'It is damaged.', needsOperator: true };

/** What is decided of ends that follow each other, with the lives between them in milliseconds. */
function decide(...ends: readonly (readonly [ServerExit, number])[]) {
  let history: RestartHistory = NEVER_ENDED;
  let now = 0;
  return ends.map(([ending, livedMs]) => {
    now += livedMs;
    const restart = nextRestart(history, 'a', ending, livedMs, now);
    now += restart.waitMs;
    history = restart;
    return restart;
  });
}

const waits = (...ends: readonly (readonly [ServerExit, number])[]) =>
  decide(...ends).map(({ waitMs }) => waitMs);
const lines = (...ends: readonly (readonly [ServerExit, number])[]) =>
  decide(...ends).map(({ line }) => line);
const times = (count: number, end: readonly [ServerExit, number]) =>
  Array.from({ length: count }, () => end);

describe('a server that is killed', () => {
  it('is back in a second at most, however often', () => {
    expect(waits(...times(6, [KILLED, 2_000]))).toEqual([250, 500, 1_000, 1_000, 1_000, 1_000]);
  });

  it('is back at once again after ten seconds of life', () => {
    expect(waits([KILLED, 1], [KILLED, 1], [KILLED, 10_000])).toEqual([250, 500, 250]);
  });

  it('is told of each time', () => {
    expect(lines([KILLED, 1], [KILLED, 1])).toEqual([
      'server a has ended (SIGKILL); it is restarted in 250 ms',
      'server a has ended (SIGKILL); it is restarted in 500 ms',
    ]);
  });
});

describe('a server whose disk fails', () => {
  it('is tried again within seconds for as long as it fails, also for hours', () => {
    expect(waits([FAILED, 60_000], ...times(6, [DISK, 0]))).toEqual([
      500, 1_000, 2_000, 4_000, 5_000, 5_000, 5_000,
    ]);
    expect(waits(...times(5_000, [DISK, 0])).at(-1)).toBe(5_000);
  });

  it('is told of once a minute, and at once when the reason is another one', () => {
    const [first, ...others] = lines(...times(20, [DISK, 0]));
    expect(first).toBe('server a cannot start: EIO: read; it is retried until it succeeds');
    expect(others.filter((line) => line !== null)).toEqual([first]);
    const full: ServerExit = { ...DISK, message: 'ENOSPC: write.' };
    expect(lines([DISK, 0], [full, 0], [full, 0])).toEqual([
      first,
      expect.stringContaining('ENOSPC'),
      null,
    ]);
  });
});

describe('a server that needs a person', () => {
  it('is looked at each minute and when its files change, and told of once', () => {
    const decided = decide(...times(5, [DAMAGED, 0]));
    for (const { waitMs, watchesFiles } of decided) {
      expect([waitMs, watchesFiles]).toEqual([60_000, true]);
    }
    expect(decided.map(({ line }) => line)).toEqual([
      'server a cannot start: It is damaged; it stays down until that is fixed, and is retried ' +
        'each minute and whenever its files change',
      ...[null, null, null, null],
    ]);
  });

  it('is told of again when it ran in the meantime', () => {
    expect(lines([DAMAGED, 0], [KILLED, 1], [DAMAGED, 0])).not.toContain(null);
  });
});

describe('a start that failed', () => {
  const code = (name: string) => Object.assign(new Error(name), { code: name });

  it.each(['EIO', 'EMFILE', 'ENFILE', 'ENOSPC', 'EADDRINUSE', 'EADDRNOTAVAIL', 'EBUSY', 'ENOMEM'])(
    'may pass by itself: %s',
    (name) => {
      expect(needsOperator(code(name))).toBe(false);
      expect(needsOperator(failed('Reading /data', code(name)))).toBe(false);
      expect(needsOperator(new Error('deep', { cause: failed('x', code(name)) }))).toBe(false);
    },
  );

  it('needs a person otherwise: damage, foreign data, rights, wrong flags', () => {
    expect(needsOperator(damaged('/data/identity', 'its checksum does not match'))).toBe(true);
    expect(needsOperator(new StorageError('It belongs to server b.'))).toBe(true);
    expect(needsOperator(failed('Reading /data', code('EACCES')))).toBe(true);
    expect(needsOperator('a text')).toBe(true);
    expect(needsOperator(null)).toBe(true);
  });

  it('ends the search in causes that go round in a circle', () => {
    const one: Error & { cause?: unknown } = new Error('one');
    one.cause = one;
    expect(needsOperator(one)).toBe(true);
  });
});
