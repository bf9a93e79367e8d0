/** A file of somebody else's, loaded: it is run by that, and may do as it likes. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { EXIT, lineOf, usageError } from './exit-codes.ts';

export type Exported = Readonly<Record<string, unknown>>;

/** Whatever goes wrong is told in one line; `known` says what could be named instead. */
export async function exportsOf(file: string, known: string): Promise<Exported> {
  const path = resolve(file);
  if (!existsSync(path)) throw usageError(`there is no file ${file}: known machines are ${known}`);
  if (!statSync(path).isFile()) {
    throw usageError(`${file} is a folder: name the file in it that exports the machine`);
  }
  const sayWhy = (code: number) => {
    const why = `${file} ended the process, with code ${code}, while it was loaded`;
    process.stderr.write(`statecraft: ${why}; ${elsewhere}\n`);
    process.exitCode = EXIT.usage;
  };
  let giveUp = () => {};
  const idle = new Promise<never>((_resolve, reject) => {
    const why = `what it awaits at its top level never comes; ${elsewhere}`;
    giveUp = () => reject(new Error(why));
  });
  process.once('exit', sayWhy);
  // Nothing is left that could still happen.
  process.once('beforeExit', giveUp);
  try {
    return await Promise.race([import(pathToFileURL(path).href) as Promise<Exported>, idle]);
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${remedyFor(error, file) ?? lineOf(error)}`);
  } finally {
    process.off('exit', sayWhy);
    process.off('beforeExit', giveUp);
  }
}

const elsewhere = 'export the machine from a file of its own';

/** Node.js 20 reads no TypeScript, and later ones not all of it. */
function remedyFor(error: unknown, file: string): string | null {
  const { code } = (error ?? {}) as { code?: unknown };
  const isTypeScript = /\.[cm]?tsx?\b/.test(`${file} ${lineOf(error)}`);
  const isUnread =
    code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  if (!isTypeScript || !isUnread) return null;
  return (
    `Node.js ${process.versions.node} does not read such TypeScript; compile it, or npm install ` +
    'tsx and say node --import tsx node_modules/.bin/statecraft instead of statecraft'
  );
}
