/** Options that say who may use the clients' port: of `server`, and of `cluster` for its servers. */
import { isLoopback } from '../node/loopback.ts';
import { hostPortText } from '../node/port-holder.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';
import type { OptionsOf, OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import { commaListOf, type HostPort, matching, parseCount } from './option-values.ts';

/** Of a pattern two labels are fixed: `*.org` would be half the world. */
const HOST =
  /^(?:[a-z0-9_](?:[a-z0-9._-]*[a-z0-9_])?\.?|\*\.[a-z0-9_][a-z0-9_-]*(?:\.[a-z0-9_-]+)+)$/i;

export const CLIENT_PORT_OPTIONS = {
  '--tokens <file>': 'clients must show a token from this file (made by statecraft token create)',
  '--without-tokens': {
    what: 'anyone who can reach the client port may do everything',
    conflicts: ['tokens'],
  },
  '--close-status': 'with --tokens: /readyz, /metrics and /v1/status require a token, too',
  '--tls-cert <file>':
    'serve clients over TLS, with this certificate (PEM); renew it by replacing the file',
  '--tls-key <file>': 'the private key of --tls-cert (PEM)',
  '--client-ca <file>': 'clients must show a certificate from one of these authorities (PEM)',
  '--allow-origin <origin>': {
    what: 'let web pages from this origin send requests; repeat it, or separate several with commas',
    parse: commaListOf(parseOrigin),
    byDefault: [],
  },
  '--allow-host <name>': {
    what:
      'another name by which clients reach it, or *.name; repeat it, or separate several with ' +
      'commas',
    parse: commaListOf(
      matching(
        HOST,
        'Write a name such as db.internal, or *.db.internal for every name with that ending, without a port.',
      ),
    ),
    byDefault: [],
  },
  '--audit-log <file>': 'write a line of JSON for whatever is refused or changed; - is stdout',
  '--audit-writes': 'with --audit-log: a line for every write, too',
  '--max-requests-per-second <number>': {
    what: 'requests of one token, or of one address without tokens; default: no limit',
    parse: parseCount,
  },
} as const satisfies OptionTable;

export type ClientPortOptions = OptionsOf<typeof CLIENT_PORT_OPTIONS>;

/** @throws CommandError for options that do not go together */
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
  throw usageError(`${flag} needs ${needed}: give both, or neither`);
}

/**
 * Whoever can reach a port may do what is not forbidden there, so a port that other machines reach
 * must know its clients: by tokens, or by certificates.
 * @returns warnings, to be logged at every start
 * @throws CommandError when it would not know them, and nobody said that this is intended
 */
export function assertKnowsWhoAsks(address: HostPort, options: ClientPortOptions): string[] {
  if (isLoopback(address.host)) return [];
  const { tokens, clientCa, tlsCert, withoutTokens } = options;
  const where = hostPortText(address);
  if (tokens !== undefined) {
    if (tlsCert !== undefined) return [];
    return [
      `tokens travel unencrypted to ${where}, and anyone who can see this network can read them: ` +
        'give --tls-cert and --tls-key',
    ];
  }
  if (clientCa !== undefined) return [];
  if (withoutTokens) {
    return [
      `anyone who can reach ${where} may read and change everything, because of --without-tokens`,
    ];
  }
  throw usageError(
    `--client-addr ${where} can be reached by other machines, and without --tokens anyone who can ` +
      'reach it may do everything: make a token (statecraft token create --tokens tokens.json ' +
      '--name admin --role admin) and start with --tokens tokens.json, better with --tls-cert and ' +
      '--tls-key, too; or give --without-tokens if that is intended',
  );
}

function parseOrigin(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin =
    url !== null && /^https?:$/.test(url.protocol) && url.origin === url.href.slice(0, -1);
  if (isOrigin) return url.origin;
  throw new InvalidArgumentError('Write an origin such as https://app.example, exactly and alone.');
}
