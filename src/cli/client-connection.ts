/** How a client command reaches the servers: addresses, certificates and a token, out of files. */
import { readFileSync } from 'node:fs';
import { type NodeHttpPortOptions, nodeHttpPort } from '../node/http-port.ts';
import { readAuthorities, readTlsFiles } from '../node/tls-files.ts';
import type { HttpPort } from '../ports/http.ts';
import { usageError } from './exit-codes.ts';
import { parseClientAddress } from './values.ts';

export interface SecurityOptions {
  /** With a scheme or without. */
  readonly endpoints: readonly string[];
  readonly tokenFile?: string;
  readonly tlsCa?: string;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
}

export interface Connection {
  readonly endpoints: readonly string[];
  readonly http: HttpPort;
  readonly token: string | null;
}

/** @throws CommandError with a sentence that names the file */
export function connectionOf(options: SecurityOptions): Connection {
  const { endpoints, tokenFile, tlsCa, tlsCert } = options;
  const scheme = tlsCa === undefined && tlsCert === undefined ? 'http' : 'https';
  const spelled = (endpoint: string) =>
    parseClientAddress(endpoint.includes('://') ? endpoint : `${scheme}://${endpoint}`);
  return {
    endpoints: endpoints.map(spelled),
    http: nodeHttpPort(tlsOf(options)),
    token: tokenFile === undefined ? null : tokenIn(tokenFile),
  };
}

function tlsOf({ tlsCa, tlsCert: cert, tlsKey: key }: SecurityOptions): NodeHttpPortOptions {
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    throw usageError(
      `--tls-${given} means nothing without --tls-${missing}: give both, or neither`,
    );
  }
  try {
    const shown = cert === undefined || key === undefined ? null : readTlsFiles({ cert, key });
    return {
      ...(tlsCa === undefined ? {} : { ca: readAuthorities(tlsCa) }),
      ...(shown === null ? {} : { cert: shown.cert, key: shown.key }),
    };
  } catch (error) {
    throw usageError(error instanceof Error ? error.message : String(error));
  }
}

/** One word; the newline at its end is not part of it. */
function tokenIn(path: string): string {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw usageError(`--token-file ${path} cannot be read: ${code}`);
  }
  const token = text.trim();
  if (/^[\x21-\x7e]+$/.test(token)) return token;
  throw usageError(
    `--token-file ${path} holds no token: it is one word, as statecraft token create printed it`,
  );
}
