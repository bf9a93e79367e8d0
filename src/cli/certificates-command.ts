/**
 * `statecraft certificates`: an authority, and certificates for servers and clients. The library
 * is loaded only when it is needed, so that no other command waits for it.
 */
import { join } from 'node:path';
import type { CertificateFiles, CertificateTarget } from '../certificates/directory.ts';
import { type AlternativeName, hostName } from '../certificates/host-name.ts';
import {
  type CertificateRequest,
  clientRequest,
  peerRequest,
  SUBJECT_MAX,
  serverRequest,
} from '../certificates/requests.ts';
import { clusterIdOf } from '../formats/cluster-id.ts';
import { printable } from '../formats/printable.ts';
import { momentText, readCertificates } from '../node/pem-files.ts';
import { InvalidArgumentError } from '../vendor/commander.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { usageError } from './exit-codes.ts';
import { commaListOf, matching, parseServerId, wholeNumber } from './option-values.ts';
import { printLine } from './output.ts';

const DAY_MS = 24 * 60 * 60 * 1_000;
const DAYS_MAX = 36_500;

function targetOptions(days: number) {
  const complaint = `Write a whole number of days from 1 to ${DAYS_MAX}.`;
  return {
    '--dir <directory>': {
      what: 'directory of the authority and its certificates',
      byDefault: 'certs',
    },
    '--days <days>': {
      what: 'for how many days it is valid',
      parse: wholeNumber(1, DAYS_MAX, complaint),
      byDefault: days,
    },
    '--renew': 'replace the existing one',
  } as const satisfies OptionTable;
}

const AUTHORITY_OPTIONS = {
  ...targetOptions(3_650),
  '--name <name>': {
    what: 'its name, for humans',
    parse: parseTitle,
    byDefault: 'Statecraft authority',
  },
} as const satisfies OptionTable;

const PEER_OPTIONS = {
  ...targetOptions(365),
  '--id <id>': { what: 'the id of the server', parse: parseServerId, isRequired: true },
  '--servers <list>': {
    what: 'all ids that the cluster was created with: a,b,c',
    parse: parseServerIds,
  },
  '--cluster-name <name>': {
    what: 'the name of the cluster, if its servers have one',
    byDefault: 'statecraft',
  },
  '--cluster-id <id>': {
    what: 'instead of --servers and --cluster-name: 32 hexadecimal digits',
    parse: matching(/^[0-9a-f]{32}$/, 'A cluster id has 32 hexadecimal digits.'),
  },
  '--host <host>': {
    parse: commaListOf(parseHost),
    what: 'a host to include; repeat it, or separate several with commas',
  },
} as const satisfies OptionTable;

const SERVER_OPTIONS = {
  ...targetOptions(365),
  '--host <host>': {
    parse: commaListOf(parseHost),
    what: 'a name or address where clients reach it; repeat it, or separate several with commas',
    isRequired: true,
  },
  '--name <name>': { what: 'the name of the files', parse: parseHolder, byDefault: 'server' },
} as const satisfies OptionTable;

const CLIENT_OPTIONS = {
  ...targetOptions(365),
  '--name <name>': {
    what: 'whose it is: the name in the certificate',
    parse: parseHolder,
    isRequired: true,
  },
} as const satisfies OptionTable;

type TargetOptions = OptionsOf<ReturnType<typeof targetOptions>>;
type PeerOptions = OptionsOf<typeof PEER_OPTIONS>;

export const CERTIFICATES_COMMAND: CommandDetails = {
  examples: [
    'statecraft certificates authority --dir certs',
    'statecraft certificates peer --dir certs --id a --servers a,b,c',
    'statecraft certificates server --dir certs --host 10.0.0.1 --host node1.example',
    'statecraft certificates client --dir certs --name alice',
    'statecraft certificates show certs/peer-a.crt',
  ],
  commands: [
    {
      name: 'authority',
      what: 'Make the authority of a cluster: ca.crt and ca.key.',
      options: AUTHORITY_OPTIONS,
      examples: [
        'statecraft certificates authority --dir certs',
        'statecraft certificates authority --dir certs --renew --days 3650',
      ],
      runCommandLine: makeAuthority,
    },
    {
      name: 'peer',
      what: 'Make the certificate by which the other servers of a cluster know a server.',
      options: PEER_OPTIONS,
      examples: [
        'statecraft certificates peer --dir certs --id a --servers a,b,c',
        'statecraft certificates peer --dir certs --id a --servers a,b,c --renew',
      ],
      runCommandLine: makePeer,
    },
    {
      name: 'server',
      what: 'Make the certificate that a server shows to its clients.',
      options: SERVER_OPTIONS,
      examples: ['statecraft certificates server --dir certs --host 10.0.0.1 --host node1.example'],
      runCommandLine: makeServer,
    },
    {
      name: 'client',
      what: 'Make the certificate by which servers know a client.',
      options: CLIENT_OPTIONS,
      examples: ['statecraft certificates client --dir certs --name alice'],
      runCommandLine: makeClient,
    },
    {
      name: 'show',
      what: 'Describe the certificates in a file.',
      arguments: { '<file>': 'certificates as PEM' },
      examples: ['statecraft certificates show certs/peer-a.crt'],
      runCommandLine: show,
    },
  ],
};

async function makeAuthority({
  name,
  ...options
}: OptionsOf<typeof AUTHORITY_OPTIONS>): Promise<void> {
  const { writeAuthority } = await import('../certificates/directory.ts');
  const { cert, key, validUntil } = await writeAuthority(targetOf(options), name);
  if (options.renew) {
    say(`made ${cert}: the same authority, with its key, valid until ${momentText(validUntil)}`);
    say('next: replace the old one everywhere; no restart is needed');
    return;
  }
  say(`made ${cert} and ${key}: the authority "${name}", valid until ${momentText(validUntil)}`);
  say(`next: statecraft certificates peer --dir ${options.dir} --id a --servers a,b,c`);
  say(`Whoever has ${key} can be every server and every client: keep it away from the servers.`);
}

async function makePeer(options: PeerOptions): Promise<void> {
  const { id, host = [] } = options;
  const clusterId = clusterOf(options);
  const ca = join(options.dir, 'ca.crt');
  await make(
    `peer-${id}`,
    peerRequest(clusterId, id, host),
    options,
    `server ${id} of cluster ${clusterId}`,
    ({ cert, key }) =>
      `put both, and ca.crt, on the machine of server ${id}, and start it with --peer-cert ${cert} ` +
      `--peer-key ${key} --peer-ca ${ca}`,
  );
}

async function makeServer(options: OptionsOf<typeof SERVER_OPTIONS>): Promise<void> {
  const { name, host } = options;
  const hosts = host.map(({ value }) => value).join(', ');
  await make(
    name,
    serverRequest(host),
    options,
    `a server at ${hosts}`,
    ({ cert, key }) =>
      `put both on its machine, and start it with --tls-cert ${cert} --tls-key ${key}`,
  );
}

async function makeClient(options: OptionsOf<typeof CLIENT_OPTIONS>): Promise<void> {
  const { name } = options;
  const flags = `--client-ca ${join(options.dir, 'ca.crt')}`;
  const next = `give both to ${name}; servers that are started with ${flags} accept them`;
  await make(`client-${name}`, clientRequest(name), options, `client ${name}`, () => next);
}

/** @param next - what to do with the files, unless they replace older ones */
async function make(
  fileName: string,
  request: CertificateRequest,
  options: TargetOptions,
  what: string,
  next: (files: CertificateFiles) => string,
): Promise<void> {
  const { writeCertificate } = await import('../certificates/directory.ts');
  const target = targetOf(options);
  const written = await writeCertificate(target, fileName, request);
  const { cert, key, validUntil } = written;
  const asked = target.now.getTime() + options.days * DAY_MS;
  const why = validUntil.getTime() < asked - DAY_MS ? ', as long as its authority' : '';
  say(`made ${cert} and ${key}: ${what}, valid until ${momentText(validUntil)}${why}`);
  const renewed = 'replace the old ones with them; servers notice, and no restart is needed';
  say(`next: ${options.renew ? renewed : next(written)}`);
}

async function show(path: string): Promise<void> {
  const certificates = readCertificates(path);
  const { describeCertificate } = await import('../certificates/describe-certificate.ts');
  const now = new Date();
  const lines = certificates.flatMap((certificate, at) => [
    `${path}, certificate ${at + 1} of ${certificates.length}`,
    ...describeCertificate(certificate.toString(), now).map(
      ([label, text]) => `  ${label.padEnd(12)}${text}`,
    ),
  ]);
  // In one write: the reader may close the pipe after a line, as `head` does.
  printLine(lines.map(printable).join('\n'));
}

function targetOf({ dir, days, renew }: TargetOptions): CertificateTarget {
  return { directory: dir, days, renew, now: new Date() };
}

/** @throws CommandError when it is not given, or given twice */
function clusterOf({ id, servers, clusterName, clusterId }: PeerOptions): string {
  if (clusterId !== undefined && servers === undefined) return clusterId;
  if (clusterId !== undefined || servers === undefined) {
    throw usageError(
      'say which cluster: either with --servers, all ids that it was created with (and --cluster-name, ' +
        'if it has one), or with --cluster-id',
    );
  }
  if (servers.includes(id)) return clusterIdOf(clusterName, servers);
  throw usageError(
    `--id ${id} is not in --servers, which names ${servers.join(', ')}: add it, choose one of these, ` +
      'or give --cluster-id for a server that joined later',
  );
}

/** Names of files and holders may contain anything. */
function say(line: string): void {
  printLine(printable(line));
}

/** The name of a person or program, and of files: not one that could be another file's. */
function parseHolder(text: string): string {
  const isName = /^[A-Za-z0-9_][A-Za-z0-9._@-]{0,63}$/.test(text);
  if (isName && text.toLowerCase() !== 'ca') return text;
  throw new InvalidArgumentError(
    'A name has 1 to 64 letters, digits, ".", "_", "@" or "-", and is not "ca".',
  );
}

/** For people to read. */
function parseTitle(text: string): string {
  if (text !== '' && [...text].length <= SUBJECT_MAX && printable(text) === text) return text;
  throw new InvalidArgumentError(`A name has 1 to ${SUBJECT_MAX} visible characters.`);
}

function parseServerIds(text: string): readonly string[] {
  const ids = commaListOf(parseServerId)(text);
  const twice = ids.find((id, at) => ids.indexOf(id) !== at);
  if (twice === undefined) return ids;
  throw new InvalidArgumentError(`Server ${twice} is named twice.`);
}

function parseHost(text: string): AlternativeName {
  const name = hostName(text);
  if (name !== null) return name;
  throw new InvalidArgumentError(
    'Write a name or an address without port, such as node1.example or 10.0.0.1.',
  );
}
