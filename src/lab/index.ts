/** The course's door: MIT 6.824's own interface over the same machines. */
export { type ApplyMsg, type MakeOptions, make, type Peer, type Raft } from './make.ts';
export { Persister } from './persister.ts';
