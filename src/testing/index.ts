/** The door for people who bring their own parts: the suites our own parts keep, and paths. */
export { type PathOptions, paths } from './paths.ts';
export { stateMachineContract } from './state-machine-contract.ts';
export { storageContract } from './storage-contract.ts';
export { transportContract } from './transport-contract.ts';
