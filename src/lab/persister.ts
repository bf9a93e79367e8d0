/** The course's stable storage (MIT 6.824, lab 2C and 2D): the last thing saved, and its sizes. */
export class Persister {
  #raftState: Uint8Array = new Uint8Array(0);
  #snapshot: Uint8Array | null = null;

  /** Replaces both at once. */
  save(state: Uint8Array, snapshot: Uint8Array | null): void {
    this.#raftState = state.slice();
    this.#snapshot = snapshot?.slice() ?? null;
  }

  /** A copy of what was saved last; empty before. */
  readRaftState(): Uint8Array {
    return this.#raftState.slice();
  }

  /** A copy of the snapshot saved last; null before. */
  readSnapshot(): Uint8Array | null {
    return this.#snapshot?.slice() ?? null;
  }

  /** Bytes of the state that was saved last. */
  raftStateSize(): number {
    return this.#raftState.byteLength;
  }

  /** Bytes of the snapshot saved last; 0 without one. */
  snapshotSize(): number {
    return this.#snapshot?.byteLength ?? 0;
  }

  /** What a server that starts anew finds, while the old one may still save into this one. */
  copy(): Persister {
    const copied = new Persister();
    copied.save(this.#raftState, this.#snapshot);
    return copied;
  }
}
