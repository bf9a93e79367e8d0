/** The door for importers: the actor machines, and the rules they ask. */
import { type RandomizedDelays, randomizedDelays } from './randomized-delays.ts';
import { replicationMachine } from './replication.ts';
import { requestMachine } from './request.ts';
import { serverMachine } from './server.ts';

/** The pure rules that the machines ask, in the order of Figure 2 of the paper. */
export * as rules from './rules/index.ts';
export { type Role, roleOf, type ServerMachine, type ServerSnapshot } from './server.ts';
export type { HostEvent, ServerEvent, ServerInput } from './vocabulary.ts';
export {
  type RandomizedDelays,
  randomizedDelays,
  replicationMachine,
  requestMachine,
  serverMachine,
};

/** All of them, by name. */
export const machines = {
  server: serverMachine,
  replication: replicationMachine,
  request: requestMachine,
} as const;
