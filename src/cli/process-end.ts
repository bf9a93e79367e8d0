/**
 * The end of a process of which a thread may hang in a system call, an `fdatasync` say. Node.js's
 * `exit` waits for the threads that carry out such calls, and so would hang as well; a signal that
 * nobody catches does not. What sleeps in the kernel itself, nothing ends.
 */
import { setTimeout as delay } from 'node:timers/promises';

/** What libuv's threads carry out, by the names of Node.js. */
const IN_THREADS = /^(FSReq|CloseReq|GetAddrInfoReq|GetNameInfoReq)/;
const POLL_MS = 10;

/** Whether a system call has not returned. */
export function isInSystemCall(): boolean {
  return process.getActiveResourcesInfo().some((name) => IN_THREADS.test(name));
}

/** Resolves when every system call has returned. */
export async function systemCallsReturned(): Promise<void> {
  while (isInSystemCall()) await delay(POLL_MS);
}

/** With the code if that can be, otherwise by the signal. */
export function endProcess(exitCode: number, signal: NodeJS.Signals): never {
  if (isInSystemCall()) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  // The first process of a container is spared by its own signals.
  process.exit(exitCode);
}
