/**
 * How one server's process lives and ends: a signal, the end of its supervisor, or a failure. It
 * stops accepting, settles what is pending, hands over, syncs; then the process ends.
 */
import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { happening } from '../feed/happenings.ts';
import { citationOf, importanceOf, sentenceOf } from '../feed/sentences.ts';
import type { KeyValueServer } from '../service/context.ts';
import type { Service } from '../service/service.ts';
import type { ClientPort } from './client-port.ts';
import { EXIT, type ExitCode, lineOf } from './exit-codes.ts';
import type { Log, LogFields, LogLevel } from './log.ts';
import { endProcess, isInSystemCall, systemCallsReturned } from './process-end.ts';
import { needsPerson } from './start-fault.ts';

/** Told to the supervisor over the channel it opened. */
export type ServerNews =
  | { readonly type: 'started' }
  | {
      readonly type: 'cannotStart';
      readonly message: string;
      /** Whether it would be in vain to try again before somebody has done something. */
      readonly needsPerson: boolean;
    }
  | ({ readonly type: 'health' } & ServerHealth);

/** Told ten times a second: who is silent is not well. */
export interface ServerHealth {
  /** By the checks of `/readyz`. */
  readonly isReady: boolean;
  readonly isLeader: boolean;
  readonly term: number;
}

/** Twice as often as the supervisor looks. */
const HEALTH_MS = 100;

/** Whoever stops us waits five seconds at most. */
const STOP_WITHIN_MS = 4_000;
/** To close sockets, which a process that cannot end would keep. */
const RELEASE_WITHIN_MS = 100;
/** Terminal and npm both pass on one Ctrl-C, a group and its supervisor one SIGTERM. */
const SAME_SIGNAL_MS = 500;

export class Lifetime {
  readonly #id: string;
  readonly #log: Log;
  #server: KeyValueServer | null = null;
  #service: Service | null = null;
  #port: ClientPort | null = null;
  #directory = '';
  #isStopping = false;
  #isTelling = false;
  #signalledAt: number | null = null;

  constructor(id: string, log: Log) {
    this.#id = id;
    this.#log = log;
    for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT'] as const) {
      process.on(signal, () => this.#signalled(signal));
    }
    // Nobody is left to stop us, or to read what we say.
    process.on('disconnect', () => void this.#stop(EXIT.done, 'SIGKILL'));
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  }

  owns(server: KeyValueServer, service: Service, port: ClientPort, directory: string): void {
    this.#directory = directory;
    this.#server = server;
    this.#service = service;
    this.#port = port;
    server.role$.subscribe((role) => this.#tellRole(role, server.status().term));
    server.failed$.subscribe((error) => {
      this.log(`stops, because it failed: ${lineOf(error)}`, 'error', 'failed');
      port.audit({ event: 'failed', why: lineOf(error) });
      void this.#stop(EXIT.failed, 'SIGKILL');
    });
  }

  /** Why it decides what it decides, a line each; of a heartbeat and its like, nothing. */
  explain(server: KeyValueServer): void {
    server.facts$.subscribe((fact) => {
      if (importanceOf(fact) === 'low') return;
      const happened = happening(this.#id, fact);
      const citation = citationOf(happened);
      const section = citation === null ? '' : ` (${citation})`;
      const fields = { fact: fact.kind, section: citation };
      this.log(`${sentenceOf(happened)}${section}`, 'info', 'explained', fields);
    });
  }

  #tellRole(role: string, term: number): void {
    // A supervisor says itself who leads.
    const level = process.send === undefined ? 'info' : 'debug';
    if (role === 'leader') this.log(`leads term ${term}`, level, 'leads', { term });
    else this.log(`is ${role} in term ${term}`, 'debug', 'role_changed', { role, term });
  }

  started(): void {
    this.#port?.audit({ event: 'started' });
    if (process.send === undefined) {
      this.log(`runs as process ${process.pid}`, 'info', 'started', { pid: process.pid });
      return;
    }
    void this.#tell({ type: 'started' });
    setInterval(() => void this.#tellHealth(), HEALTH_MS).unref();
  }

  /** One message at a time: a supervisor that stands still must not fill this process. */
  async #tellHealth(): Promise<void> {
    if (this.#isTelling || this.#server === null || this.#service === null) return;
    this.#isTelling = true;
    const { role, term } = this.#server.status();
    const isReady = this.#service.isReady();
    await this.#tell({ type: 'health', isReady, isLeader: role === 'leader', term });
    this.#isTelling = false;
  }

  /** The start failed: lets go of everything, says why to whoever started us, and ends. */
  async cannotStart(error: unknown): Promise<never> {
    this.#isStopping = true;
    await this.#close().catch(() => {});
    const message = lineOf(error);
    const news = { type: 'cannotStart', message, needsPerson: needsPerson(error) } as const;
    if (process.connected) await this.#tell(news);
    else this.#log({ level: 'error', event: 'cannot_start', message, server: null });
    await Promise.race([systemCallsReturned(), delay(STOP_WITHIN_MS)]);
    endProcess(EXIT.usage, 'SIGKILL');
  }

  /** @param event - a constant, for programs that read the log */
  log(message: string, level: LogLevel = 'info', event = 'notice', fields: LogFields = {}): void {
    this.#log({ level, event, message, server: this.#id, fields });
  }

  #tell(news: ServerNews): Promise<void> {
    return new Promise((resolve) => {
      process.send?.(news, undefined, undefined, () => resolve());
    });
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

  /** The signal is for a process that cannot end with the code. */
  async #stop(exitCode: ExitCode, signal: NodeJS.Signals): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    setTimeout(() => void this.#giveUp(exitCode, signal), STOP_WITHIN_MS).unref();
    try {
      await this.#close();
    } catch (error) {
      this.log(`stopped with a fault: ${lineOf(error)}`, 'error', 'stop_failed');
    }
    await systemCallsReturned();
    process.exit(exitCode);
  }

  /** The directory stays ours: a write to it may still be under way in the kernel. */
  async #giveUp(exitCode: ExitCode, signal: NodeJS.Signals): Promise<never> {
    const limit = `did not stop within ${STOP_WITHIN_MS} ms`;
    this.log(
      `${limit}${this.#writeUnderWay}; ends all the same, nothing is lost`,
      'warn',
      'stop_slow',
    );
    await Promise.race([this.#service?.close(), delay(RELEASE_WITHIN_MS)]);
    if (isInSystemCall()) {
      this.log(
        `ends by ${signal}, since a system call of process ${process.pid} has not returned; if ps ` +
          'still shows the process, in state D, only the disk ends it, or a restart of the machine',
        'warn',
        'stop_hung',
      );
    }
    endProcess(exitCode, signal);
  }

  get #writeUnderWay(): string {
    const underWay = this.#server?.status().writes.underWay ?? null;
    if (underWay === null) return '';
    const seconds = (underWay.forMs / 1_000).toFixed(1);
    return `: write ${underWay.number} to ${this.#directory} has been under way for ${seconds} s`;
  }

  async #close(): Promise<void> {
    this.#service?.refuse();
    await this.#server?.stop();
    await this.#service?.close();
    this.#port?.audit({ event: 'stopped' });
    this.#port?.close();
  }
}
