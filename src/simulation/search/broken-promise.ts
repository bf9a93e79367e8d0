/** A promise of the cluster that it did not keep, found otherwise than by the referee. */
export class BrokenPromise extends Error {
  /** What was promised, in a word or two. */
  readonly promise: string;

  constructor(promise: string, message: string) {
    super(message);
    this.promise = promise;
  }
}
