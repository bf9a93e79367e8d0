/** The flags that say who may ask at the clients' port: of `server`, and of `cluster` for its servers. */
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import { type Command, InvalidArgumentError, Option } from '../vendor/commander.ts';
import { usageError } from './exit-codes.ts';
import type { HostPort } from './values.ts';

export interface ClientPortOptions {
  readonly tokens?: string;
  readonly withoutTokens: boolean;
  readonly closeStatus: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly clientCa?: string;
  readonly allowOrigin: readonly string[];
  readonly allowHost: readonly string[];
  readonly auditLog?: string;
  readonly auditWrites: boolean;
  readonly maxRequestsPerSecond?: number;
}

export function withClientPortOptions(command: Command): Command {
  return command
    .option(
      '--tokens <file>',
      'clients have to show a token of this file (made by statecraft token create)',
    )
    .addOption(
      new Option('--without-tokens', 'whoever reaches the client port may do everything')
        .default(false)
        .conflicts('tokens'),
    )
    .option(
      '--close-status',
      'with --tokens: /readyz, /metrics and /v1/status want a token, too',
      false,
    )
    .option(
      '--tls-cert <file>',
      'serve clients over TLS, with this certificate (PEM); renewed by replacing the file',
    )
    .option('--tls-key <file>', 'the private key of --tls-cert (PEM)')
    .option(
      '--client-ca <file>',
      'clients have to show a certificate of one of these authorities (PEM)',
    )
    .option(
      '--allow-origin <origin>',
      'web pages of this origin may ask; repeat it, or separate several with commas',
      listOf(addOrigin),
      [] as readonly string[],
    )
    .option(
      '--allow-host <name>',
      'a name besides its own by which clients call it, or *.name; repeat it, or separate several with commas',
      listOf(addHost),
      [] as readonly string[],
    )
    .option(
      '--audit-log <file>',
      'write a line of JSON for everything that was refused or changed; - is stdout',
    )
    .option('--audit-writes', 'with --audit-log: a line for every write, too', false)
    .option(
      '--max-requests-per-second <number>',
      'requests of one token, or of one address without tokens; default: no limit',
      parseRequestRate,
    );
}

/** Flags as `statecraft server` takes them: of files, the paths alone. */
export function clientPortFlags(options: ClientPortOptions): readonly string[] {
  const { tokens, tlsCert, tlsKey, clientCa, auditLog, allowOrigin, allowHost } = options;
  const valued: readonly (readonly [string, string | undefined])[] = [
    ['--tokens', tokens],
    ['--tls-cert', tlsCert],
    ['--tls-key', tlsKey],
    ['--client-ca', clientCa],
    ['--audit-log', auditLog],
    ['--max-requests-per-second', options.maxRequestsPerSecond?.toString()],
    ...allowOrigin.map((origin) => ['--allow-origin', origin] as const),
    ...allowHost.map((name) => ['--allow-host', name] as const),
  ];
  const plain: readonly (readonly [string, boolean])[] = [
    ['--without-tokens', options.withoutTokens],
    ['--close-status', options.closeStatus],
    ['--audit-writes', options.auditWrites],
  ];
  return [
    ...valued.flatMap(([flag, value]) => (value === undefined ? [] : [flag, value])),
    ...plain.flatMap(([flag, isSet]) => (isSet ? [flag] : [])),
  ];
}

/** @throws CommandError for flags that do not go together */
export function assertTogether(options: ClientPortOptions): void {
  const { tokens, closeStatus, tlsCert, tlsKey, clientCa, auditLog, auditWrites } = options;
  const needs: readonly (readonly [boolean, string, boolean, string])[] = [
    [tlsCert !== undefined, '--tls-cert', tlsKey !== undefined, '--tls-key'],
    [tlsKey !== undefined, '--tls-key', tlsCert !== undefined, '--tls-cert'],
    [clientCa !== undefined, '--client-ca', tlsCert !== undefined, '--tls-cert and --tls-key'],
    [closeStatus, '--close-status', tokens !== undefined, '--tokens'],
    [auditWrites, '--audit-writes', auditLog !== undefined, '--audit-log'],
  ];
  const broken = needs.find(([isSet, , isMet]) => isSet && !isMet);
  if (broken === undefined) return;
  const [, flag, , needed] = broken;
  throw usageError(`${flag} means nothing without ${needed}: give both, or neither`);
}

/**
 * Whoever can reach a port may do what is not forbidden there, so a port that other machines reach
 * knows who asks: by tokens, or by certificates of clients.
 * @returns warnings, to be said at every start
 * @throws CommandError when it would not know, and nobody said that this is meant
 */
export function assertKnowsWhoAsks(address: HostPort, options: ClientPortOptions): string[] {
  if (isLoopback(address.host)) return [];
  const { tokens, clientCa, tlsCert, withoutTokens } = options;
  const where = hostPortText(address);
  if (tokens !== undefined) {
    if (tlsCert !== undefined) return [];
    return [
      `tokens travel readable to ${where}, for whoever can see this network: give --tls-cert and ` +
        '--tls-key',
    ];
  }
  if (clientCa !== undefined) return [];
  if (withoutTokens) {
    return [
      `whoever reaches ${where} may read and change everything, since --without-tokens asks so`,
    ];
  }
  throw usageError(
    `--client-addr ${where} can be reached by other machines, and without --tokens whoever reaches ` +
      'it may do everything: make a token (statecraft token create --tokens tokens.json --name admin ' +
      '--role admin) and start with --tokens tokens.json, better with --tls-cert and --tls-key, too; ' +
      'or say --without-tokens if that is meant',
  );
}

function parseRequestRate(text: string): number {
  const rate = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  if (rate >= 1) return rate;
  throw new InvalidArgumentError('Write a whole number of requests, from 1 on.');
}

/** A variable can hold several only in one text. */
function listOf(
  add: (text: string, before: readonly string[]) => readonly string[],
): (text: string, before: readonly string[]) => readonly string[] {
  return (text, before) => text.split(',').reduce((all, each) => add(each.trim(), all), before);
}

function addOrigin(text: string, before: readonly string[]): readonly string[] {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin =
    url !== null && /^https?:$/.test(url.protocol) && url.origin === url.href.slice(0, -1);
  if (isOrigin) return [...before, url.origin];
  throw new InvalidArgumentError('Write an origin such as https://app.example, exactly and alone.');
}

/** Of a pattern two labels are fixed: `*.org` would be half the world. */
function addHost(text: string, before: readonly string[]): readonly string[] {
  const isName = /^[a-z0-9_]([a-z0-9._-]*[a-z0-9_])?\.?$/i.test(text);
  if (isName || /^\*\.[a-z0-9_][a-z0-9_-]*(\.[a-z0-9_-]+)+$/i.test(text)) return [...before, text];
  throw new InvalidArgumentError(
    'Write a name such as db.internal, or *.db.internal for all that end so, without a port.',
  );
}
