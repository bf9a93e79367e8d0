/**
 * `statecraft certificates`: an authority, and certificates for servers and clients. What makes
 * them is loaded when it is asked for: no other command waits for it.
 */
import { join } from 'node:path';
import type { Place, Written } from '../certificates/directory.ts';
import type { AlternativeName } from '../certificates/host-name.ts';
import {
  clientRequest,
  peerRequest,
  type Request,
  serverRequest,
} from '../certificates/requests.ts';
import { clusterIdOf } from '../formats/cluster-id.ts';
import { printable } from '../formats/printable.ts';
import { momentText, readCertificates } from '../node/pem-files.ts';
import type { Command } from '../vendor/commander.ts';
import {
  addHosts,
  parseClusterId,
  parseDays,
  parseHolder,
  parseServerId,
  parseServerIds,
  parseTitle,
} from './certificate-values.ts';
import { usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { printLine } from './output.ts';

interface PlaceOptions {
  readonly dir: string;
  readonly days: number;
  readonly renew: boolean;
}

interface NamedOptions extends PlaceOptions {
  readonly name: string;
}

interface ServerOptions extends NamedOptions {
  readonly host: readonly AlternativeName[];
}

interface PeerOptions extends PlaceOptions {
  readonly id: string;
  readonly servers?: readonly string[];
  readonly clusterName: string;
  readonly clusterId?: string;
  readonly host?: readonly AlternativeName[];
}

const DAY_MS = 24 * 60 * 60 * 1_000;
const AUTHORITY_DAYS = 3_650;
const CERTIFICATE_DAYS = 365;

export function addCertificatesCommand(program: Command): void {
  const certificates = program
    .command('certificates')
    .description(
      'Make certificates for servers and clients, and the authority that signs them. No server needs ' +
        'to run; nothing is overwritten without --renew.',
    );
  withExamples(certificates, [
    'statecraft certificates authority --dir certs',
    'statecraft certificates peer --dir certs --id a --servers a,b,c',
    'statecraft certificates server --dir certs --host 10.0.0.1 --host node1.example',
    'statecraft certificates client --dir certs --name alice',
    'statecraft certificates show certs/peer-a.crt',
  ]);
  addAuthority(certificates.command('authority'));
  addPeer(certificates.command('peer'));
  addServer(certificates.command('server'));
  addClient(certificates.command('client'));
  const showing = certificates
    .command('show')
    .argument('<file>', 'certificates as PEM')
    .description('Tell what is in a file of certificates.')
    .action(show);
  withExamples(showing, ['statecraft certificates show certs/peer-a.crt']);
}

function addAuthority(command: Command): void {
  withPlace(command, AUTHORITY_DAYS)
    .description('Make the authority of a cluster: ca.crt and ca.key.')
    .option('--name <name>', 'its name, for people', parseTitle, 'Statecraft authority')
    .action(makeAuthority);
  withExamples(command, [
    'statecraft certificates authority --dir certs',
    'statecraft certificates authority --dir certs --renew --days 3650',
  ]);
}

function addPeer(command: Command): void {
  withPlace(command, CERTIFICATE_DAYS)
    .description('Make the certificate by which the other servers of a cluster know a server.')
    .requiredOption('--id <id>', 'the id of the server', parseServerId)
    .option('--servers <list>', 'all ids that the cluster is made with: a,b,c', parseServerIds)
    .option(
      '--cluster-name <name>',
      'the name of the cluster, as its servers are told',
      'statecraft',
    )
    .option('--cluster-id <id>', 'instead of these two: 32 hexadecimal digits', parseClusterId)
    .option(
      '--host <host>',
      'a host to name as well; repeat it, or separate several with commas',
      addHosts,
    )
    .action(makePeer);
  withExamples(command, [
    'statecraft certificates peer --dir certs --id a --servers a,b,c',
    'statecraft certificates peer --dir certs --id a --servers a,b,c --renew',
  ]);
}

function addServer(command: Command): void {
  withPlace(command, CERTIFICATE_DAYS)
    .description('Make the certificate that a server shows to its clients.')
    .requiredOption(
      '--host <host>',
      'a name or an address where clients reach it; repeat it, or separate several with commas',
      addHosts,
    )
    .option('--name <name>', 'how the files are called', parseHolder, 'server')
    .action(makeServer);
  withExamples(command, [
    'statecraft certificates server --dir certs --host 10.0.0.1 --host node1.example',
  ]);
}

function addClient(command: Command): void {
  withPlace(command, CERTIFICATE_DAYS)
    .description('Make the certificate by which servers know a client.')
    .requiredOption('--name <name>', 'who it is: the name in the certificate', parseHolder)
    .action(makeClient);
  withExamples(command, ['statecraft certificates client --dir certs --name alice']);
}

function withPlace(command: Command, days: number): Command {
  return command
    .option('--dir <directory>', 'directory of the authority and its certificates', 'certs')
    .option('--days <days>', 'for how many days it is valid', parseDays, days)
    .option('--renew', 'replace the one that is there', false);
}

async function makeAuthority({ name, ...options }: NamedOptions): Promise<void> {
  const { writeAuthority } = await import('../certificates/directory.ts');
  const { cert, key, validUntil } = await writeAuthority(placeOf(options), name);
  if (options.renew) {
    say(`made ${cert}: the same authority, with its key, valid until ${momentText(validUntil)}`);
    say('next: put it in the place of the old one wherever that is used; nothing is restarted');
    return;
  }
  say(`made ${cert} and ${key}: the authority "${name}", valid until ${momentText(validUntil)}`);
  say(`next: statecraft certificates peer --dir ${options.dir} --id a --servers a,b,c`);
  say(`Whoever has ${key} can be every server and every client: keep it away from the servers.`);
}

async function makePeer(options: PeerOptions): Promise<void> {
  const { id, host = [] } = options;
  const clusterId = clusterOf(options);
  const { cert, key } = await make(
    `peer-${id}`,
    peerRequest(clusterId, id, host),
    options,
    `server ${id} of cluster ${clusterId}`,
  );
  if (options.renew) return;
  const flags = `--peer-cert ${cert} --peer-key ${key} --peer-ca ${join(options.dir, 'ca.crt')}`;
  say(`next: put both, and ca.crt, on the machine of server ${id}, and start it with ${flags}`);
}

async function makeServer(options: ServerOptions): Promise<void> {
  const { name, host } = options;
  const hosts = host.map(({ value }) => value).join(', ');
  const { cert, key } = await make(name, serverRequest(host), options, `a server at ${hosts}`);
  if (options.renew) return;
  say(`next: put both on its machine, and start it with --tls-cert ${cert} --tls-key ${key}`);
}

async function makeClient(options: NamedOptions): Promise<void> {
  const { name } = options;
  await make(`client-${name}`, clientRequest(name), options, `client ${name}`);
  if (options.renew) return;
  const flags = `--client-ca ${join(options.dir, 'ca.crt')}`;
  say(`next: give both to ${name}; servers that are started with ${flags} accept them`);
}

async function make(
  fileName: string,
  request: Request,
  options: PlaceOptions,
  what: string,
): Promise<Written> {
  const { writeCertificate } = await import('../certificates/directory.ts');
  const place = placeOf(options);
  const written = await writeCertificate(place, fileName, request);
  const { cert, key, validUntil } = written;
  const asked = place.now.getTime() + options.days * DAY_MS;
  const why = validUntil.getTime() < asked - DAY_MS ? ', as long as its authority' : '';
  say(`made ${cert} and ${key}: ${what}, valid until ${momentText(validUntil)}${why}`);
  if (options.renew) {
    say('next: put both in the places of the old ones; they are found there, nothing is restarted');
  }
  return written;
}

async function show(path: string): Promise<void> {
  const certificates = readCertificates(path);
  const { described } = await import('../certificates/described.ts');
  const now = new Date();
  const lines = certificates.flatMap((certificate, at) => [
    `${path}, certificate ${at + 1} of ${certificates.length}`,
    ...described(certificate.toString(), now).map(([head, text]) => `  ${head.padEnd(12)}${text}`),
  ]);
  // At once: whoever reads may have seen enough after a line, as `head` has.
  printLine(lines.map(printable).join('\n'));
}

function placeOf({ dir, days, renew }: PlaceOptions): Place {
  return { directory: dir, days, renew, now: new Date() };
}

/** @throws CommandError when it is not said, or said twice */
function clusterOf({ id, servers, clusterName, clusterId }: PeerOptions): string {
  if (clusterId !== undefined && servers === undefined) return clusterId;
  if (clusterId !== undefined || servers === undefined) {
    throw usageError(
      'say which cluster: either with --servers, all ids that it was made with (and --cluster-name, ' +
        'if it has one of its own), or with --cluster-id',
    );
  }
  if (servers.includes(id)) return clusterIdOf(clusterName, servers);
  throw usageError(
    `--id ${id} is not in --servers, which names ${servers.join(', ')}: add it, choose one of these, ` +
      'or say --cluster-id for a server that came later',
  );
}

/** Names of files and of holders may be anything. */
function say(line: string): void {
  printLine(printable(line));
}
