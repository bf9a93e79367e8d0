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

interface AuditLogOptions {
  /** A file, or `-` for stdout. */
  readonly path: string;
  /** Part of every line. */
  readonly server: string;
  readonly onFailed: (message: string) => void;
  readonly now?: () => Date;
}

const STDOUT = '-';
/** For a slow reader of stdout. */
const WAITING_BYTES_MAX = 1_048_576;

export class AuditLog {
  readonly #options: AuditLogOptions;
  readonly #news = logRateLimit();
  #file: number;
  #lines: string[] = [];
  #isScheduled = false;

  /** @throws CommandError when the file cannot be opened: the server must not start without it */
  constructor(options: AuditLogOptions) {
    this.#options = options;
    try {
      this.#file = opened(options.path);
    } catch (error) {
      throw usageError(`--audit-log ${options.path} cannot be written: ${codeOf(error)}`);
    }
  }

  /** Events of one turn of the event loop are written together. */
  write(event: AuditEvent): void {
    const { server, now = () => new Date() } = this.#options;
    this.#lines.push(`${JSON.stringify({ time: now().toISOString(), server, ...event })}\n`);
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
      const sentence = `the audit log ${this.#options.path} cannot be written (${codeOf(error)})`;
      if (this.#news(sentence)) {
        this.#options.onFailed(`${sentence}: events are missing from it now`);
      }
    }
  }

  #write(text: string): void {
    if (this.#options.path !== STDOUT) {
      this.#reopenIfRenamed();
      appendFileSync(this.#file, text);
      return;
    }
    if (process.stdout.writableLength > WAITING_BYTES_MAX) throw new Error('nothing reads stdout');
    process.stdout.write(text);
  }

  #reopenIfRenamed(): void {
    const { path } = this.#options;
    const there = statSync(path, { throwIfNoEntry: false });
    const own = fstatSync(this.#file);
    if (there?.ino === own.ino && there.dev === own.dev) return;
    const next = opened(path);
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
