/** Why a port cannot be listened on, in a sentence: who has it, and what to do. */
import { readdir, readFile, readlink } from 'node:fs/promises';
import { httpGetJson } from './http-get.ts';
import type { ListenAddress } from './peer-addresses.ts';

const ASK_TIMEOUT_MS = 1_000;
const LISTENING = '0A';

/**
 * @param what - what it is for: `clients of server a`
 * @param code - of the error of `net.Server`
 */
export async function listenProblem(
  address: ListenAddress,
  what: string,
  code: string,
): Promise<string> {
  const { host, port } = address;
  if (code === 'EADDRINUSE') {
    const holder = await holderOf(address);
    return (
      `port ${port} of ${host}, for ${what}, is taken by ${holder}: stop that, or choose ` +
      'another port'
    );
  }
  return (
    `cannot listen on ${hostPortText(address)} for ${what}: ${code}; is ${host} an address of ` +
    `this machine, and may this user open port ${port}?`
  );
}

/** An IPv6 address is in brackets. */
export function hostPortText({ host, port }: ListenAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** `process 1234`, with its name if it is a server of ours; `another process` when that is not known. */
async function holderOf(port: ListenAddress): Promise<string> {
  const status = await askStatus(port);
  const pid = status?.pid ?? (await pidListeningOn(port.port));
  if (pid === null) return 'another process';
  return status === null ? `process ${pid}` : `process ${pid} (statecraft server ${status.id})`;
}

async function askStatus(address: ListenAddress): Promise<{ id: string; pid: number } | null> {
  const url = `http://${hostPortText(address)}/v1/status`;
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
