/**
 * What the flags of the clients' port name, opened: tokens, certificates, the audit log. All of it is
 * read before the server starts, and again when it is replaced.
 */
import type { HostObserver } from '../host/host.ts';
import { watchTlsFiles } from '../node/tls-files.ts';
import { watchFiles } from '../node/watched-files.ts';
import type { AuditEvent } from '../service/audit.ts';
import type { ServiceOptions } from '../service/context.ts';
import type { TlsContext } from '../service/secure.ts';
import type { Service } from '../service/service.ts';
import { readTokenFile } from '../service/tokens/token-file.ts';
import { Tokens } from '../service/tokens/tokens.ts';
import { AuditLog } from './audit-log.ts';
import type { ClientPortOptions } from './client-port-options.ts';
import { usageError } from './exit-codes.ts';

type ServicePart = Pick<
  ServiceOptions,
  | 'tokens'
  | 'requestsPerSecondMax'
  | 'closesStatus'
  | 'tls'
  | 'allowedOrigins'
  | 'allowedHosts'
  | 'onAudit'
  | 'auditsWrites'
>;

export class ClientPort {
  readonly #options: ClientPortOptions;
  readonly #say: (message: string) => void;
  readonly #log: AuditLog | null;
  #service: Service | null = null;
  readonly tokens: Tokens | null;
  #tls: (() => TlsContext) | null = null;
  readonly #watched: { check(): void; stop(): void }[] = [];

  /**
   * @param say - for sentences about what was renewed, or could not be
   * @throws CommandError or StartError with a sentence that names the file
   */
  constructor(server: string, options: ClientPortOptions, say: (message: string) => void) {
    this.#options = options;
    this.#say = say;
    const { auditLog, tokens } = options;
    this.tokens = tokens === undefined ? null : this.#openTokens(tokens);
    this.#openTls();
    this.#log =
      auditLog === undefined ? null : new AuditLog({ path: auditLog, server, onFailed: say });
  }

  get isAudited(): boolean {
    return this.#log !== null;
  }

  get scheme(): 'http' | 'https' {
    return this.#options.tlsCert === undefined ? 'http' : 'https';
  }

  /** For `createService`. */
  get part(): ServicePart {
    const { closeStatus, allowOrigin, allowHost, auditWrites, maxRequestsPerSecond } =
      this.#options;
    const tls = this.#tls?.();
    return {
      closesStatus: closeStatus,
      allowedOrigins: allowOrigin,
      allowedHosts: allowHost,
      auditsWrites: auditWrites,
      ...(this.tokens === null ? {} : { tokens: this.tokens }),
      ...(tls === undefined ? {} : { tls }),
      ...(maxRequestsPerSecond === undefined ? {} : { requestsPerSecondMax: maxRequestsPerSecond }),
      ...(this.#log === null ? {} : { onAudit: (event: AuditEvent) => this.audit(event) }),
    };
  }

  audit(event: AuditEvent): void {
    this.#log?.note(event);
  }

  /** What is renewed from now on is for this service. */
  serves(service: Service): void {
    this.#service = service;
    this.look();
  }

  /** Looks now whether any file was replaced, without waiting. */
  look(): void {
    for (const files of this.#watched) files.check();
  }

  /** Nothing is renewed or noted afterwards. */
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
        this.#renewed('tokens_changed', `the tokens in ${path} were read anew: ${list.length}`);
      },
      onFailed: (message) => this.#say(`${message}; the tokens that were read before still count`),
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
          this.#renewed('certificate_changed', `the certificate ${cert} was read anew`);
        },
        onFailed: this.#say,
        onExpiring: this.#say,
      },
    );
    this.#watched.push(files);
    this.#tls = () => files.value;
  }

  #renewed(event: string, sentence: string): void {
    this.#say(sentence);
    this.audit({ event });
  }
}

/** What a server does that belongs into the audit log. */
export function auditing(port: ClientPort): HostObserver {
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

function orUsageError<Value>(read: () => Value): Value {
  try {
    return read();
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error), error);
  }
}
