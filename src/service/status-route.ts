/** `GET /v1/status`: what this server knows, with or without a leader. */

import type { Status } from '../ports/server.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { STATUS_ROUTE } from './routes.ts';
import { queryParametersOf } from './target.ts';

/** The body of the answer; a leader adds its followers. */
export type StatusBody = Omit<
  Status,
  'isReady' | 'writes' | 'warnings' | 'quota' | 'comparison' | 'followers' | 'failure'
> & {
  readonly pid: number;
  readonly version: string;
  /** Of all keys and values. */
  readonly storedBytes: number | null;
  /** The quota; null for none. */
  readonly storedBytesMax: number | null;
  readonly followers?: NonNullable<Status['followers']>;
};

export function addStatusRoute(app: FastifyInstance, { server, version }: ServiceContext): void {
  app.get(STATUS_ROUTE, async ({ raw }) => {
    queryParametersOf(raw, []);
    return statusBody(server.status(), version);
  });
}

function statusBody(status: Status, version: string): StatusBody {
  const { isReady, writes, warnings, comparison, failure, quota, followers, ...rest } = status;
  const { snapshotsInstalled, commandsFailed, divergence, ...body } = rest;
  return {
    ...{ id: status.id, pid: process.pid, version },
    ...body,
    uptimeMs: Math.round(status.uptimeMs),
    ...quota,
    ...{ snapshotsInstalled, commandsFailed, divergence },
    ...(followers === null ? {} : { followers }),
  };
}
