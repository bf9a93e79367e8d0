/**
 * How one server's process lives and ends: a signal, the end of its supervisor, or a failure. It
 * stops accepting, settles what is pending, hands over, syncs; then the process ends.
 */
import type { KeyValueServer } from '../service/context.ts';
import type { Service } from '../service/service.ts';
import type { ClientPort } from './client-port.ts';
import { EXIT, type ExitCode, lineOf } from './exit-codes.ts';
import type { Log, LogFields, LogLevel } from './log.ts';
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
/** Terminal and npm both pass on one Ctrl-C. */
const SAME_INTERRUPT_MS = 500;

export class Lifetime {
  readonly #id: string;
  readonly #log: Log;
  #server: KeyValueServer | null = null;
  #service: Service | null = null;
  #port: ClientPort | null = null;
  #isStopping = false;
  #isTelling = false;
  #interruptedAt: number | null = null;

  constructor(id: string, log: Log) {
    this.#id = id;
    this.#log = log;
    process.on('SIGTERM', () => void this.#stop(EXIT.done));
    process.on('SIGHUP', () => void this.#stop(EXIT.done));
    process.on('SIGINT', () => this.#interrupt());
    // Nobody is left to stop us, or to read what we say.
    process.on('disconnect', () => void this.#stop(EXIT.done));
    for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  }

  owns(server: KeyValueServer, service: Service, port: ClientPort): void {
    this.#server = server;
    this.#service = service;
    this.#port = port;
    server.role$.subscribe((role) => this.#tellRole(role, server.status().term));
    server.failed$.subscribe((error) => {
      this.log(`stops, because it failed: ${lineOf(error)}`, 'error', 'failed');
      port.audit({ event: 'failed', why: lineOf(error) });
      void this.#stop(EXIT.failed);
    });
  }

  #tellRole(role: string, term: number): void {
    if (role === 'leader') this.log(`leads term ${term}`, 'info', 'leads', { term });
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
    process.exit(EXIT.usage);
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

  /** Under a supervisor the whole group gets Ctrl-C, and the supervisor decides. */
  #interrupt(): void {
    if (process.connected) return;
    const now = performance.now();
    this.#interruptedAt ??= now;
    if (now - this.#interruptedAt > SAME_INTERRUPT_MS) process.exit(EXIT.interrupted);
    void this.#stop(EXIT.done);
  }

  async #stop(exitCode: ExitCode): Promise<void> {
    if (this.#isStopping) return;
    this.#isStopping = true;
    setTimeout(() => {
      this.log(
        `did not stop within ${STOP_WITHIN_MS} ms; ends all the same, nothing is lost`,
        'warn',
        'stop_slow',
      );
      process.exit(exitCode);
    }, STOP_WITHIN_MS).unref();
    try {
      await this.#close();
    } catch (error) {
      this.log(`stopped with a fault: ${lineOf(error)}`, 'error', 'stop_failed');
    }
    process.exit(exitCode);
  }

  async #close(): Promise<void> {
    this.#service?.refuse();
    await this.#server?.stop();
    await this.#service?.close();
    this.#port?.audit({ event: 'stopped' });
    this.#port?.close();
  }
}
