/** A promise of the cluster that it did not keep, found otherwise than by the referee. */
export class BrokenGuarantee extends Error {
  /** What was promised, in a word or two. */
  readonly guarantee: string;

  constructor(promise: string, message: string) {
    super(message);
    this.guarantee = promise;
  }
}
