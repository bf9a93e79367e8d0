/**
 * The lifetime of one server's process: it ends on a signal, when its supervisor ends, or on a
 * failure. It stops accepting requests, settles what is pending, transfers leadership, syncs; then
 * the process ends.
 */
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { feedFact } from '../feed/feed-fact.ts';
import { citationOf, importanceOf, sentenceOf } from '../feed/sentences.ts';
import type { KeyValueServer } from '../service/context.ts';
import type { Service } from '../service/service.ts';
import type { ClientPort } from './client-port.ts';
import { EXIT, type ExitCode, errorLine } from './exit-codes.ts';
import type { LogFields, Logger, LogLevel } from './log.ts';
import { needsOperator } from './restart-policy.ts';

/** Sent to the supervisor over the channel it opened. */
export type ServerMessage =
  | { readonly type: 'started' }
  | {
      readonly type: 'cannotStart';
      readonly message: string;
      /** Whether it is pointless to retry before somebody has done something. */
      readonly needsOperator: boolean;
    }
  | ({ readonly type: 'health' } & ServerHealth);

/** Sent ten times a second: a server that sends none is not well. */
export interface ServerHealth {
  /** By the checks of `/readyz`. */
  readonly isReady: boolean;
  readonly isLeader: boolean;
  readonly term: number;
}

/** Twice as often as the supervisor checks. */
const HEALTH_MS = 100;
/** Whoever stops us waits five seconds at most. */
const STOP_WITHIN_MS = 4_000;
/** To close sockets, which a process that cannot end would keep. */
const RELEASE_WITHIN_MS = 100;
/** Terminal and npm both pass on one Ctrl-C, a group and its supervisor one SIGTERM. */
const SAME_SIGNAL_MS = 500;
const POLL_MS = 10;
/** What runs in libuv's threads, by the names of Node.js. */
const IN_THREADS = /^(FSReq|CloseReq|GetAddrInfoReq|GetNameInfoReq)/;

/** What runs, once it has been started. */
interface Running {
  readonly server: KeyValueServer;
  readonly service: Service;
  readonly port: ClientPort;
  readonly directory: string;
}

export class ServerLifetime {
  readonly #id: string;
  readonly #log: Logger;
  #running: Running | null = null;
  #isStopping = false;
  #isSending = false;
  #signalledAt: number | null = null;

  constructor(id: string, log: Logger) {
    this.#id = id;
    this.#log = log;
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
      process.on(signal, () => this.#signalled(signal));
    }
    // Nobody is left to stop us, or to read what we log.
    process.on('disconnect', () => void this.#stop(EXIT.done, 'SIGKILL'));
  }

  owns(running: Running): void {
    this.#running = running;
    const { server, port } = running;
    server.role$.subscribe((role) => this.#logRole(role, server.status().term));
    server.failed$.subscribe((error) => {
      this.log(`stops, because it failed: ${errorLine(error)}`, 'error', 'failed');
      port.audit({ event: 'failed', why: errorLine(error) });
      void this.#stop(EXIT.failed, 'SIGKILL');
    });
  }

  /** Logs why it decides what it decides, a line each; nothing of heartbeats and the like. */
  explain(server: KeyValueServer): void {
    server.facts$.subscribe((fact) => {
      if (importanceOf(fact) === 'low') return;
      const happened = feedFact(this.#id, fact);
      const citation = citationOf(happened);
      const section = citation === null ? '' : ` (${citation})`;
      const fields = { fact: fact.kind, section: citation };
      this.log(`${sentenceOf(happened)}${section}`, 'info', 'explained', fields);
    });
  }

  #logRole(role: string, term: number): void {
    // A supervisor reports itself who leads.
    const level = process.send === undefined ? 'info' : 'debug';
    if (role === 'leader') this.log(`leads term ${term}`, level, 'leads', { term });
    else this.log(`is ${role} in term ${term}`, 'debug', 'role_changed', { role, term });
  }

  started(): void {
    this.#running?.port.audit({ event: 'started' });
    if (process.send === undefined) {
      this.log(`runs as process ${process.pid}`, 'info', 'started', { pid: process.pid });
      return;
    }
    void send({ type: 'started' });
    setInterval(() => void this.#sendHealth(), HEALTH_MS).unref();
  }

  /** One message at a time: a supervisor that hangs must not fill this process. */
  async #sendHealth(): Promise<void> {
    if (this.#isSending || this.#running === null) return;
    this.#isSending = true;
    const { server, service } = this.#running;
    const { role, term } = server.status();
    await send({ type: 'health', isReady: service.isReady(), isLeader: role === 'leader', term });
    this.#isSending = false;
  }

  /** The start failed: releases everything, reports why to whoever started us, and ends. */
  async cannotStart(error: unknown): Promise<never> {
    this.#isStopping = true;
    await this.#close().catch(() => {});
    const message = errorLine(error);
    const report = { type: 'cannotStart', message, needsOperator: needsOperator(error) } as const;
    if (process.connected) await send(report);
    else this.#log({ level: 'error', event: 'cannot_start', message, server: null });
    await Promise.race([systemCallsReturned(), delay(STOP_WITHIN_MS)]);
    endProcess(EXIT.usage, 'SIGKILL');
  }

  /** @param event - a constant, for programs that read the log */
  log(message: string, level: LogLevel = 'info', event = 'notice', fields: LogFields = {}): void {
    this.#log({ level, event, message, server: this.#id, fields });
  }

  /** The first one stops the server, a later one ends the process at once. */
  #signalled(signal: NodeJS.Signals): void {
    // Under a supervisor the whole group gets Ctrl-C, and the supervisor decides.
    if (signal === 'SIGINT' && process.connected) return;
    const now = performance.now();
    this.#signalledAt ??= now;
    if (now - this.#signalledAt > SAME_SIGNAL_MS) {
      endProcess(128 + constants.signals[signal], signal);
    }
    void this.#stop(EXIT.done, signal);
  }

  /** @param signal - for a process that cannot end with the code */
  async #stop(exitCode: ExitCode, signal: NodeJS.Signals): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    setTimeout(() => void this.#giveUp(exitCode, signal), STOP_WITHIN_MS).unref();
    try {
      await this.#close();
    } catch (error) {
      this.log(`failed while stopping: ${errorLine(error)}`, 'error', 'stop_failed');
    }
    await systemCallsReturned();
    process.exit(exitCode);
  }

  /** The directory stays locked: a write to it may still be in progress in the kernel. */
  async #giveUp(exitCode: ExitCode, signal: NodeJS.Signals): Promise<never> {
    this.log(
      `did not stop within ${STOP_WITHIN_MS} ms${this.#pendingWrite}; ends anyway, nothing is lost`,
      'warn',
      'stop_slow',
    );
    await Promise.race([this.#running?.service.close(), delay(RELEASE_WITHIN_MS)]);
    if (isInSystemCall()) {
      this.log(
        `ends by ${signal}, since a system call of process ${process.pid} has not returned; if ps ` +
          'still shows the process, in state D, it ends when the disk responds or the machine restarts',
        'warn',
        'stop_hung',
      );
    }
    endProcess(exitCode, signal);
  }

  get #pendingWrite(): string {
    if (this.#running === null) return '';
    const { server, directory } = this.#running;
    const { underWay } = server.status().writes;
    if (underWay === null) return '';
    const seconds = (underWay.forMs / 1_000).toFixed(1);
    return `: write ${underWay.number} to ${directory} has been under way for ${seconds} s`;
  }

  async #close(): Promise<void> {
    if (this.#running === null) return;
    const { server, service, port } = this.#running;
    service.refuse();
    await server.stop();
    await service.close();
    port.audit({ event: 'stopped' });
    port.close();
  }
}

function send(message: ServerMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, undefined, undefined, () => resolve());
  });
}

/** Whether a system call has not returned. */
function isInSystemCall(): boolean {
  return process.getActiveResourcesInfo().some((name) => IN_THREADS.test(name));
}

async function systemCallsReturned(): Promise<void> {
  while (isInSystemCall()) await delay(POLL_MS);
}

/**
 * With the code if possible, otherwise by the signal. A thread may hang in a system call, such as
 * `fdatasync`: Node.js's `exit` waits for the threads that carry out such calls, and would hang as
 * well; a signal that nobody catches does not. A process that sleeps in the kernel cannot be ended.
 */
function endProcess(exitCode: number, signal: NodeJS.Signals): never {
  if (isInSystemCall()) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  }
  // The first process of a container is spared by its own signals.
  process.exit(exitCode);
}
