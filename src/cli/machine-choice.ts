/** Which machine is meant: one of ours by its name, or anybody's by file and export. */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Drawable } from '#diagram/index';
import { machines } from '#machines';
import { lineOf, usageError } from './exit-codes.ts';

/** For help and for errors. */
export const KNOWN = Object.keys(machines).join(', ');

export async function chosenMachine(choice: string): Promise<Drawable> {
  if (Object.hasOwn(machines, choice)) return machines[choice as keyof typeof machines];
  const [file, name] = fileAndExport(choice);
  if (!/[\\/]|\.[cm]?[jt]sx?$/.test(file)) {
    const fault = choice === '' ? 'no machine was named' : `no machine is called ${choice}`;
    throw usageError(`${fault}: known are ${KNOWN}; one of your own is ./file.js#export`);
  }
  return machineOf(file, name, await exportsOf(file));
}

/** A file may be given with a sharp sign in its own name. */
function fileAndExport(choice: string): readonly [file: string, name: string] {
  const at = choice.lastIndexOf('#');
  if (at === -1 || existsSync(choice)) return [choice, 'default'];
  return [choice.slice(0, at), choice.slice(at + 1)];
}

async function exportsOf(file: string): Promise<Readonly<Record<string, unknown>>> {
  const path = resolve(file);
  if (!existsSync(path) || !statSync(path).isFile()) {
    throw usageError(`there is no file ${file}: known machines are ${KNOWN}`);
  }
  try {
    return (await import(pathToFileURL(path).href)) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw usageError(`${file} cannot be loaded: ${lineOf(error)}`);
  }
}

function machineOf(
  file: string,
  name: string,
  exported: Readonly<Record<string, unknown>>,
): Drawable {
  const value = Object.hasOwn(exported, name) ? exported[name] : undefined;
  const machine = isMachine(value) ? value : logicOf(value);
  if (isMachine(machine)) return machine;
  const found = Object.keys(exported).filter((key) => isMachine(exported[key]));
  const why = Object.hasOwn(exported, name)
    ? `what ${file} exports as ${name} is no state machine`
    : `${file} exports nothing as ${name}`;
  throw usageError(
    found.length === 0
      ? `${why}; it exports ${Object.keys(exported).join(', ') || 'nothing'}, and no machine`
      : `${why}; its machines are ${found.map((key) => `${file}#${key}`).join(', ')}`,
  );
}

/** An actor's machine is its logic. */
function logicOf(value: unknown): unknown {
  return typeof value === 'object' && value !== null && 'logic' in value ? value.logic : undefined;
}

function isMachine(value: unknown): value is Drawable {
  if (typeof value !== 'object' || value === null || !('root' in value)) return false;
  const { root } = value as { root: { states?: unknown; transitions?: unknown } | null };
  return typeof root?.states === 'object' && root.transitions instanceof Map;
}
