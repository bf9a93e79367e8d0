/** Which machine is meant: one of ours by its name, or any other by file and export. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { machines } from '../../machines/index.ts';
import type { Drawable } from '../diagram/index.ts';
import { EXIT, errorLine, usageError } from './exit-codes.ts';
import { printError } from './output.ts';

type Exported = Readonly<Record<string, unknown>>;

/** For help and for errors. */
export const KNOWN = Object.keys(machines).join(', ');

export function isBuiltIn(choice: string): choice is keyof typeof machines {
  return Object.hasOwn(machines, choice);
}

export async function chosenMachine(choice: string): Promise<Drawable> {
  if (isBuiltIn(choice)) return machines[choice];
  const [file, name] = fileAndExport(choice);
  if (!/[\\/]|\.[cm]?[jt]sx?$/.test(file)) {
    const fault = choice === '' ? 'no machine was named' : `no machine is called ${choice}`;
    throw usageError(`${fault}: known are ${KNOWN}; one of your own is ./file.js#export`);
  }
  return machineOf(file, name, await exportsOf(file));
}

/** The name of a file may contain a `#` itself. */
function fileAndExport(choice: string): readonly [file: string, name: string] {
  const at = choice.lastIndexOf('#');
  if (at === -1 || existsSync(choice)) return [choice, 'default'];
  return [choice.slice(0, at), choice.slice(at + 1)];
}

function machineOf(file: string, name: string, exported: Exported): Drawable {
  const value = Object.hasOwn(exported, name) ? exported[name] : undefined;
  const machine = isMachine(value) ? value : logicOf(value);
  if (isMachine(machine)) return machine;
  const found = Object.keys(exported).filter((key) => isMachine(exported[key]));
  const why =
    name === ''
      ? `no export is named after the # of ${file}#`
      : Object.hasOwn(exported, name)
        ? `what ${file} exports as ${name} is not a state machine`
        : `${file} exports nothing as ${name}`;
  throw usageError(
    found.length === 0
      ? `${why}; it exports ${Object.keys(exported).join(', ') || 'nothing'}, and no machine`
      : `${why}; its machines are ${found.map((key) => `${file}#${key}`).join(', ')}`,
  );
}

/** Of an actor, its logic. */
function logicOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'logic' in value ? value.logic : undefined;
}

function isMachine(value: unknown): value is Drawable {
  if (typeof value !== 'object' || value === null || !('root' in value)) return false;
  const { root } = value as { root: { states?: unknown; transitions?: unknown } | null };
  return typeof root?.states === 'object' && root.transitions instanceof Map;
}

/**
 * Loads the file. It runs with our rights, and may end the process or never finish.
 * @throws CommandError for whatever goes wrong, in one line
 */
async function exportsOf(file: string): Promise<Exported> {
  const path = resolve(file);
  if (!existsSync(path)) throw usageError(`there is no file ${file}: known machines are ${KNOWN}`);
  if (!statSync(path).isFile()) {
    throw usageError(`${file} is a folder: name the file in it that exports the machine`);
  }
  const reportExit = (code: number) => {
    const why = `${file} ended the process, with code ${code}, while it was loaded`;
    printError(`${why}; ${ADVICE}`);
    process.exitCode = EXIT.usage;
  };
  let giveUp = () => {};
  const idle = new Promise<never>((_resolve, reject) => {
    const why = `its top-level await never settles; ${ADVICE}`;
    giveUp = () => reject(new Error(why));
  });
  process.once('exit', reportExit);
  // The event loop is empty: the import will never finish.
  process.once('beforeExit', giveUp);
  try {
    return await Promise.race([import(pathToFileURL(path).href) as Promise<Exported>, idle]);
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${remedyFor(error, file) ?? errorLine(error)}`);
  } finally {
    process.off('exit', reportExit);
    process.off('beforeExit', giveUp);
  }
}

const ADVICE = 'export the machine from a file of its own';

/** Node.js 20 does not load TypeScript, and later versions do not load all of it. */
function remedyFor(error: unknown, file: string): string | null {
  const { code } = (error ?? {}) as { code?: unknown };
  const isTypeScript = /\.[cm]?tsx?\b/.test(`${file} ${errorLine(error)}`);
  const isUnread =
    code === 'ERR_UNKNOWN_FILE_EXTENSION' || code === 'ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX';
  if (!isTypeScript || !isUnread) return null;
  return (
    `Node.js ${process.versions.node} does not read such TypeScript; compile it, or npm install ` +
    'tsx and say node --import tsx node_modules/.bin/statecraft instead of statecraft'
  );
}
