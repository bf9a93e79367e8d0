/** What `server` and `cluster` both take; a cluster passes it on to its servers. */

import { DEFAULT_BOUNDS } from '../service/budget.ts';
import { CLIENT_PORT_OPTIONS } from './client-port-options.ts';
import { duration, type OptionsOf, type OptionTable } from './command-table.ts';
import { LOG_OPTIONS } from './log.ts';
import { parseBytes, parseCount } from './option-values.ts';
import { PROTOCOL_OPTIONS } from './protocol-options.ts';

export const SHARED_OPTIONS = {
  '--cluster-name <name>': {
    what: 'servers of clusters with other names are refused',
    byDefault: 'statecraft',
  },
  '--request-timeout <duration>': {
    what: 'every request of a client is answered by then, with 503 or 504 if need be',
    ...duration(5_000),
  },
  '--max-bytes <size>': {
    what: 'most bytes of all keys and values, checked by the leader; default: no limit',
    parse: parseBytes,
  },
  '--inspect': 'serve the inspector, a page that shows everything inside, at /inspect',
  ...CLIENT_PORT_OPTIONS,
  '--max-connections-per-address <number>': {
    what: 'client connections that one address may have; this machine may have any number',
    parse: parseCount,
    byDefault: DEFAULT_BOUNDS.connections.perAddressMax,
  },
  ...PROTOCOL_OPTIONS,
  ...LOG_OPTIONS,
} as const satisfies OptionTable;

export type SharedOptions = OptionsOf<typeof SHARED_OPTIONS>;
