/** Runs tasks one after the other: each begins when the one before it has settled. */
export class SerialQueue {
  #last: Promise<unknown> = Promise.resolve();

  add<Result>(task: () => Result | Promise<Result>): Promise<Result> {
    const result = this.#last.then(task);
    this.#last = result.catch(() => undefined);
    return result;
  }

  /** Resolves when everything that was added before has settled. */
  async idle(): Promise<void> {
    await this.#last;
  }
}
