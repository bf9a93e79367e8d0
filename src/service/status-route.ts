/** `GET /v1/status`: what this server knows, also without a leader. */

import type { Status } from '../ports/server.ts';
import type { FastifyInstance } from '../vendor/fastify.ts';
import type { ServiceContext } from './context.ts';
import { JSON_TYPE } from './headers.ts';
import { parametersOf } from './target.ts';

export const STATUS_ROUTE = '/v1/status';

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

export function addStatusRoute(app: FastifyInstance, context: ServiceContext): void {
  app.get(STATUS_ROUTE, (request, reply) => {
    parametersOf(request.raw, []);
    const body = statusBody(context.server.status(), context.version);
    reply.header('content-type', JSON_TYPE).send(JSON.stringify(body));
  });
}

function statusBody(status: Status, version: string): StatusBody {
  const { id, clusterId, role, term, leader, leaderClientAddress } = status;
  const { commitIndex, appliedIndex, lastLogIndex, snapshotIndex, members, followers } = status;
  const { peerSecurity, snapshotsInstalled, commandsFailed, divergence } = status;
  return {
    id,
    pid: process.pid,
    version,
    clusterId,
    role,
    term,
    leader,
    leaderClientAddress,
    commitIndex,
    appliedIndex,
    lastLogIndex,
    snapshotIndex,
    uptimeMs: Math.round(status.uptimeMs),
    members,
    peerSecurity,
    ...status.quota,
    snapshotsInstalled,
    commandsFailed,
    divergence,
    ...(followers === null ? {} : { followers }),
  };
}
