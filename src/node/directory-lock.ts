/**
 * A data directory belongs to one process: an empty file named after its holder,
 * `lock-<pid>-<start time>-<boot>`. All there is to know is in the name, so making it is one step,
 * and a holder that was killed needs no cleanup: no process with that pid, start time and boot is
 * alive, and the next one removes the file.
 *
 * A process that wants the directory makes its file first and only then looks for others. Of two that
 * come at the same moment at least one sees the other; so both may fail, but never do both succeed.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { StorageError } from '../host/errors.ts';
import type { Files } from './files.ts';

interface Holder {
  readonly pid: number;
  /** In clock ticks since the boot; '0' where the system does not tell. */
  readonly startTime: string;
  /** Which boot of the machine; '0' where the system does not tell. */
  readonly boot: string;
}

const LOCK_NAME = /^lock-(\d+)-(\d+)-([0-9a-f]+)$/;

/** @returns what releases it. @throws StorageError that names the process which holds it. */
export async function lockDirectory(files: Files, directory: string): Promise<() => Promise<void>> {
  const own = `lock-${process.pid}-${startTimeOf(process.pid) ?? '0'}-${boot()}`;
  const path = join(directory, own);
  if (!(await files.claim(path))) throw inUse(directory, process.pid, own);
  for (const name of (await files.list(directory)) ?? []) {
    const holder = name === own ? null : holderOf(name);
    if (holder === null) continue;
    if (isAlive(holder)) {
      await files.remove(path);
      throw inUse(directory, holder.pid, name);
    }
    await files.remove(join(directory, name));
  }
  return () => files.remove(path);
}

/** It passes when that process ends, which this one cannot see. */
class DirectoryInUse extends StorageError {
  readonly code = 'EBUSY';
}

function inUse(directory: string, pid: number, name: string): StorageError {
  const who = pid === process.pid ? `this very process (${pid})` : `process ${pid}`;
  return new DirectoryInUse(
    `${directory} is in use by ${who}, and a directory belongs to one server. ` +
      `Stop that process first, or choose another directory. (It is named by the file ${name}.)`,
  );
}

function holderOf(name: string): Holder | null {
  const [, pid, startTime, boot] = LOCK_NAME.exec(name) ?? [];
  if (pid === undefined || startTime === undefined || boot === undefined) return null;
  return { pid: Number(pid), startTime, boot };
}

/** A process of another boot is gone, and so is one whose pid has a younger owner by now. */
function isAlive(holder: Holder): boolean {
  if (holder.boot !== boot()) return false;
  if (holder.startTime !== '0') return startTimeOf(holder.pid) === holder.startTime;
  if (holder.pid === process.pid) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Null when there is no such process any more. */
function startTimeOf(pid: number): string | null {
  const stat = readOrNull(`/proc/${pid}/stat`);
  return stat === null ? null : startTimeIn(stat);
}

/**
 * From `/proc/<pid>/stat`; null for a dead process that its parent has not waited for. One that was killed
 * while a thread of it sleeps in the kernel looks the same, but for its threads: it may still write.
 */
export function startTimeIn(stat: string): string | null {
  // The second field, the program's name, may hold spaces and brackets: count from its end.
  const [state, ...others] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const isDead = state === 'X' || (state === 'Z' && Number(others[16]) <= 1);
  return isDead ? null : (others[18] ?? null);
}

function boot(): string {
  return readOrNull('/proc/sys/kernel/random/boot_id')?.slice(0, 8) ?? '0';
}

function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
