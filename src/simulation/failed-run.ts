/** Runs that end otherwise than was asked, without an invariant having fallen. */

/** It did not become true in time. */
export class NotReached extends Error {
  override readonly name = 'NotReached';
}

/** A server stopped for a reason that was not injected, which is its `cause`. */
export class ServerFailed extends Error {
  override readonly name = 'ServerFailed';
  /** Who failed, and why; the message tells the circumstances too. */
  readonly sentence: string;

  constructor(sentence: string, story: string, cause: Error) {
    super(`${sentence}\n${story}`, { cause });
    this.sentence = sentence;
  }
}
