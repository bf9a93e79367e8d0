/** One promise of a port, by name: what a conformance suite is made of. */
export interface Clause {
  readonly name: string;
  /** Rejects, or throws, when the promise is not kept. */
  check(): void | Promise<void>;
}
