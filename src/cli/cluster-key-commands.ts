/** `statecraft key`: makes a cluster's key, and replaces it step by step while the cluster runs. */
import { resolve } from 'node:path';
import {
  makeClusterKeyFile,
  type RotationStep,
  readClusterKeys,
  rotateClusterKeyFile,
} from '../node/cluster-key-file.ts';
import type { Command } from '../vendor/commander.ts';
import { lineOf, usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { printLine } from './output.ts';

export function addClusterKeyCommands(program: Command): void {
  const key = program
    .command('key')
    .description(
      'Make or replace the key of a cluster, by which its servers know each other. No server needs to run.',
    );
  withExamples(key, ['statecraft key new cluster.key', 'statecraft key rotate cluster.key']);
  keyCommand(key, 'new', 'Make a key file, for all servers of one cluster.', makeKey);
  keyCommand(
    key,
    'rotate',
    'Take the next of three steps to another key: add, prefer, drop. It says what to do after each.',
    rotateKey,
  );
  keyCommand(key, 'show', 'Print the names of the keys in a file, not the keys.', showKeys);
}

function keyCommand(
  parent: Command,
  name: string,
  description: string,
  act: (file: string) => void,
): void {
  const command = parent
    .command(name)
    .description(description)
    .argument('[file]', 'the key file')
    .option('--cluster-key-file <file>', 'the same as the argument, as servers are told');
  withExamples(command, [`statecraft key ${name} cluster.key`]).action(
    (argument: string | undefined, options: { clusterKeyFile?: string }) => {
      const file = argument ?? options.clusterKeyFile;
      if (file === undefined) throw usageError(`name the file: statecraft key ${name} cluster.key`);
      try {
        act(file);
      } catch (error) {
        throw usageError(lineOf(error));
      }
    },
  );
}

function makeKey(file: string): void {
  if (!makeClusterKeyFile(file)) {
    throw usageError(
      `${file} is there already, and is left as it is: statecraft key rotate ${file} replaces its key`,
    );
  }
  printLine(`made ${resolve(file)}: whoever has it is a server of the cluster, so keep it secret`);
  printLine('copy it to every server, and start each with --cluster-key-file');
}

const NEXT: Readonly<Record<RotationStep, string>> = {
  added:
    'step 1 of 3: a new key is accepted beside the old one. Copy the file to every server, wait until ' +
    'each has logged that it read the key anew (within ten seconds), then run this again',
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
