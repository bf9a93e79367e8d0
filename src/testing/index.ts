/** The door for people who bring their own parts: the suites our own parts keep, and paths. */

export type { Clause, TestRunner } from './contract.ts';
export { type PathOptions, paths } from './paths.ts';
export { stateMachineClauses, stateMachineContract } from './state-machine-contract.ts';
export {
  checkStorageClause,
  type StorageClause,
  storageClauses,
  storageContract,
} from './storage-contract.ts';
export { transportClauses, transportContract } from './transport-contract.ts';
