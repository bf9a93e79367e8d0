/** How commands end. Scripts rely on these numbers. */
import { printable } from '../formats/printable.ts';

export const EXIT = {
  done: 0,
  /** Definitely not done. */
  failed: 1,
  /** Wrong usage, or a server that cannot start as asked. */
  usage: 2,
  /** No such key, or a condition that does not hold. */
  notFound: 3,
  /** It may have been done. */
  unknown: 4,
  /** No server answers. */
  unreachable: 5,
  /** Killed by a second Ctrl-C: 128 and the signal's number. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Ends the command with one line on stderr and this code. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** @param cause - what tells by its `code` whether it may pass */
export function usageError(message: string, cause?: unknown): CommandError {
  return new CommandError(EXIT.usage, message, { cause });
}

/** A fault as one line that is safe to print, whatever was thrown and whoever said it. */
export function lineOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.replaceAll(/\s*\n\s*/g, ' '));
}
