/** Whether a port is free, and who has it if it is not. */

import { readdir, readFile, readlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import { type CommandError, usageError } from './exit-codes.ts';
import { httpGetJson } from './http-get.ts';
import { type HostPort, hostPortText } from './values.ts';

const ASK_TIMEOUT_MS = 1_000;
const LISTENING = '0A';

/**
 * Asked before anything else, so that a start that cannot succeed leaves no trace.
 * @param what - what it is for: `clients of server a`
 * @throws CommandError that names the port, who has it, and what to do
 */
export async function assertFree(address: HostPort, what: string): Promise<void> {
  const code = await portFault(address);
  if (code !== null) throw await taken(address, what, code);
}

export async function taken(address: HostPort, what: string, code: string): Promise<CommandError> {
  const { host, port } = address;
  if (code !== 'EADDRINUSE') {
    return usageError(
      `cannot listen on ${hostPortText(address)} for ${what}: ${code}; is ${host} an address of ` +
        `this machine, and may this user open port ${port}?`,
    );
  }
  return usageError(
    `port ${port} of ${host}, for ${what}, is taken by ${await holderOf(address)}: stop that, or ` +
      'choose another port',
  );
}

/** Null when it can be listened on; otherwise the error's code. */
function portFault({ host, port }: HostPort): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** `process 1234`, with what it is if it tells; `another process` when nobody knows. */
async function holderOf(port: HostPort): Promise<string> {
  const status = await askStatus(port);
  const pid = status?.pid ?? (await pidListeningOn(port.port));
  if (pid === null) return 'another process';
  return status === null ? `process ${pid}` : `process ${pid} (statecraft server ${status.id})`;
}

async function askStatus({ host, port }: HostPort): Promise<{ id: string; pid: number } | null> {
  const url = `http://${hostPortText({ host, port })}/v1/status`;
  const status = (await httpGetJson(url, ASK_TIMEOUT_MS)) as { id?: unknown; pid?: unknown } | null;
  const { id, pid } = status ?? {};
  return typeof id === 'string' && typeof pid === 'number' ? { id, pid } : null;
}

/** By Linux's /proc; null elsewhere, and for processes of other users. */
async function pidListeningOn(port: number): Promise<number | null> {
  const inode = await listeningInode(port);
  if (inode === null) return null;
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  for (const pid of pids) {
    const descriptors = await readdir(`/proc/${pid}/fd`).catch(() => []);
    for (const descriptor of descriptors) {
      const link = await readlink(`/proc/${pid}/fd/${descriptor}`).catch(() => '');
      if (link === `socket:[${inode}]`) return Number(pid);
    }
  }
  return null;
}

async function listeningInode(port: number): Promise<string | null> {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    const lines = (await readFile(table, 'utf8').catch(() => '')).split('\n').slice(1);
    for (const line of lines) {
      const [, local = '', , state, , , , , , inode = null] = line.trim().split(/\s+/);
      if (state === LISTENING && local.endsWith(suffix)) return inode;
    }
  }
  return null;
}
