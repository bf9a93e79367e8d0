/** `statecraft key`: creates a cluster's key, and replaces it step by step while the cluster runs. */
import { resolve } from 'node:path';
import {
  makeClusterKeyFile,
  type RotationStep,
  readClusterKeys,
  rotateClusterKeyFile,
} from '../node/cluster-key-file.ts';
import type { CommandDetails, CommandRow } from './command-table.ts';
import { orUsageError, usageError } from './exit-codes.ts';
import { printLine } from './output.ts';

export const KEY_FILE_COMMAND: CommandDetails = {
  examples: ['statecraft key new cluster.key', 'statecraft key rotate cluster.key'],
  commands: [
    fileCommand('new', 'Create a key file, for all servers of one cluster.', createKey),
    fileCommand(
      'rotate',
      'Take the next of three steps that replace the key: add, prefer, drop. Prints what to do after each.',
      rotateKey,
    ),
    fileCommand('show', 'Print the names of the keys in a file, not the keys.', showKeys),
  ],
};

function fileCommand(name: string, what: string, act: (file: string) => void): CommandRow {
  return {
    name,
    what,
    arguments: { '[file]': 'the key file' },
    options: { '--cluster-key-file <file>': 'the same as the argument, named as for servers' },
    examples: [`statecraft key ${name} cluster.key`],
    runCommandLine: (argument: string | undefined, options: { clusterKeyFile?: string }) => {
      const file = argument ?? options.clusterKeyFile;
      if (file === undefined) throw usageError(`name the file: statecraft key ${name} cluster.key`);
      orUsageError(() => act(file));
    },
  };
}

function createKey(file: string): void {
  if (!makeClusterKeyFile(file)) {
    throw usageError(
      `${file} already exists, and is not changed: statecraft key rotate ${file} replaces its key`,
    );
  }
  printLine(
    `made ${resolve(file)}: whoever has it can be any server of the cluster, so keep it secret`,
  );
  printLine('copy it to every server, and start each with --cluster-key-file');
}

const NEXT: Readonly<Record<RotationStep, string>> = {
  added:
    'step 1 of 3: a new key is accepted beside the old one. Copy the file to every server, wait until ' +
    'each has logged that it reloaded the key (within ten seconds), then run this again',
  preferred:
    'step 2 of 3: the new key is used, the old one is still accepted. Copy the file to every server, ' +
    'wait as before, then run this again',
  dropped:
    'step 3 of 3: the old key is gone. Copy the file to every server: whoever has only the old key is ' +
    'refused from then on',
};

function rotateKey(file: string): void {
  printLine(NEXT[rotateClusterKeyFile(file)]);
}

function showKeys(file: string): void {
  const [preferred, ...others] = readClusterKeys(file).map(({ name }) => name);
  printLine(`${preferred} preferred`);
  for (const name of others) printLine(`${name} accepted`);
}
