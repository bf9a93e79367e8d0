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
export class ExitError extends Error {
  override readonly name = 'CommandError';
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.exitCode = exitCode;
  }
}

/** @param cause - its `code` says whether the problem may go away by itself */
export function usageError(message: string, cause?: unknown): ExitError {
  return new ExitError(EXIT.usage, message, { cause });
}

/** Reports whatever is thrown as wrong usage. */
export function orUsageError<Value>(act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), error);
  }
}

/** An error as one line that is safe to print, whatever was thrown. */
export function errorLine(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return printable(message.replaceAll(/\s*\n\s*/g, ' '));
}
