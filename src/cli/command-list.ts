/** Every command, as the list in the help shows it; the code of each is loaded when it is asked for. */
import { packageVersion } from '../node/this-package.ts';
import type { CommandDetails, ListedCommand } from './command-table.ts';
import { printLine } from './output.ts';

const KEY = 'a text of 1 to 4,096 bytes';
const VALUE = 'at most 1 MiB; without it, standard input is the value, byte for byte';

export const COMMANDS: readonly ListedCommand[] = [
  {
    name: 'cluster',
    what:
      'Run a whole cluster on this machine: one process for each server a, b, c, restarted when it ' +
      'dies. Prints a line that begins with "ready:" once all of them are ready; Ctrl-C stops them.',
    load: () => serving(async () => (await import('./cluster-command.ts')).CLUSTER_COMMAND),
  },
  {
    name: 'server',
    what:
      'Run one server of a cluster, until a signal ends it. Logs on stderr, and ends with exit code 2 ' +
      'and one line when it cannot start.',
    load: () => serving(async () => (await import('./server-command.ts')).SERVER_COMMAND),
  },
  {
    name: 'key',
    what:
      'Create or replace the key of a cluster, by which its servers know each other. No server needs ' +
      'to run.',
    load: async () => (await import('./key-file-commands.ts')).KEY_FILE_COMMAND,
  },
  {
    name: 'put',
    what: 'Set the value of a key.',
    arguments: { '<key>': KEY, '[value]': VALUE },
    load: async () => (await import('./key-commands.ts')).PUT_COMMAND,
  },
  {
    name: 'get',
    what: 'Print the value of a key.',
    arguments: { '<key>': KEY },
    load: async () => (await import('./key-commands.ts')).GET_COMMAND,
  },
  {
    name: 'append',
    what: 'Add to the end of the value of a key.',
    arguments: { '<key>': `${KEY}; created if it does not exist`, '[value]': VALUE },
    load: async () => (await import('./key-commands.ts')).APPEND_COMMAND,
  },
  {
    name: 'delete',
    what: 'Delete a key, or all keys with a prefix.',
    arguments: { '[key]': `${KEY}; either this or --prefix` },
    load: async () => (await import('./delete-command.ts')).DELETE_COMMAND,
  },
  {
    name: 'list',
    what: 'List keys in byte order, one per line.',
    arguments: { '[prefix]': 'only keys that begin with it' },
    load: async () => (await import('./list-command.ts')).LIST_COMMAND,
  },
  {
    name: 'status',
    what:
      'Show what every server says about itself: role, term, leader, and the end of its log. Works without ' +
      'a leader, too. Ends with 5 when no server answers.',
    load: async () => (await import('./status-command.ts')).STATUS_COMMAND,
  },
  {
    name: 'health',
    what:
      'Show whether every server is ready, and if not, why. Ends with 0 when all are, with 1 when ' +
      'one is not, and with 5 when no server answers.',
    load: async () => (await import('./health-command.ts')).HEALTH_COMMAND,
  },
  {
    name: 'token',
    what:
      'Create, list and revoke the tokens that clients show to servers, in a file. No server needs to ' +
      'run.',
    load: async () => (await import('./token-command.ts')).TOKEN_COMMAND,
  },
  {
    name: 'certificates',
    what:
      'Make certificates for servers and clients, and the authority that signs them. No server needs ' +
      'to run; nothing is overwritten without --renew.',
    load: async () => (await import('./certificates-command.ts')).CERTIFICATES_COMMAND,
  },
  {
    name: 'playground',
    what: 'Show a simulated cluster in a browser of this machine, to watch and to play with.',
    load: async () => (await import('./playground-command.ts')).PLAYGROUND_COMMAND,
  },
  {
    name: 'diagram',
    what: 'Draw a state machine, one of ours or any of XState, on stdout.',
    load: async () => (await import('./diagram-command.ts')).DIAGRAM_COMMAND,
  },
  {
    name: 'version',
    what: 'Print the version.',
    load: () => ({
      examples: ['statecraft version'],
      runCommandLine: () => printLine(packageVersion()),
    }),
  },
];

/** A limit of open files that is too low for a server may be too low to read its code as well. */
async function serving(load: () => Promise<CommandDetails>): Promise<CommandDetails> {
  const { assertDescriptors } = await import('./connection-bounds.ts');
  assertDescriptors();
  return load();
}
