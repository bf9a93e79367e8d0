/**
 * The files of the clients' port, opened: tokens, certificates, the audit log. They are read before
 * the server starts, and again when they are replaced.
 */
import type { HostObserver } from '../host/host.ts';
import { watchTlsFiles } from '../node/tls-files.ts';
import { watchFiles } from '../node/watched-files.ts';
import type { AuditEvent } from '../service/audit.ts';
import type { TlsContext } from '../service/context.ts';
import type { Service } from '../service/service.ts';
import { readTokenFile } from '../service/tokens/token-file.ts';
import { Tokens } from '../service/tokens/tokens.ts';
import { AuditLog } from './audit-log.ts';
import type { ClientPortOptions } from './client-port-options.ts';
import { orUsageError } from './exit-codes.ts';

export class ClientPort {
  readonly #options: ClientPortOptions;
  readonly #report: (message: string) => void;
  readonly #log: AuditLog | null;
  readonly #watched: { check(): void; stop(): void }[] = [];
  readonly tokens: Tokens | null;
  #service: Service | null = null;
  #tls: (() => TlsContext) | null = null;

  /**
   * @param report - is told what was renewed, or could not be
   * @throws CommandError or StartError that names the file
   */
  constructor(server: string, options: ClientPortOptions, report: (message: string) => void) {
    this.#options = options;
    this.#report = report;
    const { auditLog: path, tokens } = options;
    this.tokens = tokens === undefined ? null : this.#openTokens(tokens);
    this.#openTls();
    this.#log = path === undefined ? null : new AuditLog(path, server, report);
  }

  get isAudited(): boolean {
    return this.#log !== null;
  }

  get scheme(): 'http' | 'https' {
    return this.#options.tlsCert === undefined ? 'http' : 'https';
  }

  /** For `createService`. */
  get serviceOptions() {
    const { closeStatus, allowOrigin, allowHost, auditWrites, maxRequestsPerSecond } =
      this.#options;
    return {
      tokens: this.tokens ?? undefined,
      closesStatus: closeStatus,
      tls: this.#tls?.(),
      allowedOrigins: allowOrigin,
      allowedHosts: allowHost,
      requestsPerSecondMax: maxRequestsPerSecond,
      onAudit: this.isAudited ? (event: AuditEvent) => this.audit(event) : undefined,
      auditsWrites: auditWrites,
    };
  }

  audit(event: AuditEvent): void {
    this.#log?.write(event);
  }

  /** From now on, this service gets what is renewed. */
  attach(service: Service): void {
    this.#service = service;
    this.checkFiles();
  }

  /** Checks now whether any file was replaced, without waiting. */
  checkFiles(): void {
    for (const files of this.#watched) files.check();
  }

  /** Nothing is renewed or logged afterwards. */
  close(): void {
    for (const files of this.#watched) files.stop();
    this.#log?.flush();
  }

  #openTokens(path: string): Tokens {
    const files = watchFiles({
      paths: [path],
      read: () => orUsageError(() => readTokenFile(path)),
      onChanged: (list) => {
        tokens.replace(list);
        this.#renewed('tokens_changed', `the tokens in ${path} were reloaded: ${list.length}`);
      },
      onFailed: (message) =>
        this.#report(`${message}; the tokens that were read before still count`),
    });
    this.#watched.push(files);
    const tokens = new Tokens(files.value);
    return tokens;
  }

  #openTls(): void {
    const { tlsCert: cert, tlsKey: key, clientCa: ca } = this.#options;
    if (cert === undefined || key === undefined) return;
    const files = watchTlsFiles(
      { cert, key, ...(ca === undefined ? {} : { ca }) },
      {
        onChanged: (material) => {
          this.#service?.renewTls(material);
          this.#renewed('certificate_changed', `the certificate ${cert} was reloaded`);
        },
        onProblem: this.#report,
      },
    );
    this.#watched.push(files);
    this.#tls = () => files.value;
  }

  #renewed(event: string, message: string): void {
    this.#report(message);
    this.audit({ event });
  }
}

/** Logs what a server does that belongs into the audit log. */
export function auditObserver(port: ClientPort): HostObserver {
  if (!port.isAudited) return {};
  return {
    onEvent(event) {
      if (event.type !== 'snapshot.taken') return;
      port.audit({ event: 'snapshot_taken', index: event.snapshot.index });
    },
    onEffect(effect) {
      if (effect.type === 'restore') {
        port.audit({ event: 'snapshot_installed', index: effect.snapshot.index });
      }
      if (effect.type !== 'apply') return;
      for (const { type, index } of effect.entries) {
        if (type === 'configuration') port.audit({ event: 'configuration_changed', index });
      }
    },
  };
}
