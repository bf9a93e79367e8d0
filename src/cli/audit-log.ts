/**
 * The audit log of one server: a JSON line per event, appended to a file of its own, or to stdout.
 * Another program may rename the file at any time: a new one is created in its place. The server
 * reports a log that cannot be written, and continues.
 */
import { appendFileSync, closeSync, fstatSync, openSync, statSync } from 'node:fs';
import { OWNER_FILE } from '../node/file-mode.ts';
import { logRateLimit } from '../node/rate-limited-log.ts';
import type { AuditEvent } from '../service/audit.ts';
import { usageError } from './exit-codes.ts';

const STDOUT = '-';
/** For a slow reader of stdout. */
const WAITING_BYTES_MAX = 1_048_576;

export class AuditLog {
  readonly #path: string;
  readonly #server: string;
  readonly #onFailed: (message: string) => void;
  readonly #news = logRateLimit();
  #file: number;
  #lines: string[] = [];
  #isScheduled = false;

  /**
   * @param path - of a file, or `-` for stdout
   * @param server - part of every line
   * @throws CommandError when the file cannot be opened: the server must not start without it
   */
  constructor(path: string, server: string, onFailed: (message: string) => void) {
    this.#path = path;
    this.#server = server;
    this.#onFailed = onFailed;
    try {
      this.#file = opened(path);
    } catch (error) {
      throw usageError(`--audit-log ${path} cannot be written: ${codeOf(error)}`);
    }
  }

  /** Events of one turn of the event loop are written together. */
  write(event: AuditEvent): void {
    const line = { time: new Date().toISOString(), server: this.#server, ...event };
    this.#lines.push(`${JSON.stringify(line)}\n`);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => this.flush());
  }

  flush(): void {
    this.#isScheduled = false;
    const lines = this.#lines;
    this.#lines = [];
    if (lines.length === 0) return;
    try {
      this.#write(lines.join(''));
    } catch (error) {
      const sentence = `the audit log ${this.#path} cannot be written (${codeOf(error)})`;
      if (this.#news(sentence)) this.#onFailed(`${sentence}: events are missing from it now`);
    }
  }

  #write(text: string): void {
    if (this.#path !== STDOUT) {
      this.#reopenIfRenamed();
      appendFileSync(this.#file, text);
      return;
    }
    if (process.stdout.writableLength > WAITING_BYTES_MAX) throw new Error('nothing reads stdout');
    process.stdout.write(text);
  }

  #reopenIfRenamed(): void {
    const there = statSync(this.#path, { throwIfNoEntry: false });
    const own = fstatSync(this.#file);
    if (there?.ino === own.ino && there.dev === own.dev) return;
    const next = opened(this.#path);
    closeSync(this.#file);
    this.#file = next;
  }
}

function opened(path: string): number {
  return path === STDOUT ? process.stdout.fd : openSync(path, 'a', OWNER_FILE);
}

function codeOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code ?? message;
}
