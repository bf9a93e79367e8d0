/** Which machine is meant: one of ours by its name, or anybody's by file and export. */
import { existsSync } from 'node:fs';
import { machines } from '../../machines/index.ts';
import type { Drawable } from '../diagram/index.ts';
import { usageError } from './exit-codes.ts';
import { type Exported, exportsOf } from './loaded-file.ts';

/** For help and for errors. */
export const KNOWN = Object.keys(machines).join(', ');

export function isOurs(choice: string): choice is keyof typeof machines {
  return Object.hasOwn(machines, choice);
}

export async function chosenMachine(choice: string): Promise<Drawable> {
  if (isOurs(choice)) return machines[choice];
  const [file, name] = fileAndExport(choice);
  if (!/[\\/]|\.[cm]?[jt]sx?$/.test(file)) {
    const fault = choice === '' ? 'no machine was named' : `no machine is called ${choice}`;
    throw usageError(`${fault}: known are ${KNOWN}; one of your own is ./file.js#export`);
  }
  return machineOf(file, name, await exportsOf(file, KNOWN));
}

/** A file may be given with a sharp sign in its own name. */
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
