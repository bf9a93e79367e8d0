/**
 * Copies of small values that share pages of memory.
 *
 * A typed array of its own costs the garbage collector far more than its bytes, and restoring makes
 * hundreds of thousands at once: pages halve the time and the pauses. A page lives as long as any
 * value on it, so pages are for restored states only, where all their values are wanted: what they
 * can ever pin is the size of that state. Values that are written one by one have arrays of their
 * own; a page with one lasting value among many short-lived ones would pin without bound.
 */
const pageBytes = 8_192;
const sharedValueBytesMax = 1_024;

export class Pages {
  #page = new Uint8Array(pageBytes);
  #used = 0;

  copy(bytes: Uint8Array): Uint8Array {
    if (bytes.byteLength > sharedValueBytesMax) return new Uint8Array(bytes);
    if (this.#used + bytes.byteLength > pageBytes) {
      this.#page = new Uint8Array(pageBytes);
      this.#used = 0;
    }
    const copy = this.#page.subarray(this.#used, this.#used + bytes.byteLength);
    copy.set(bytes);
    this.#used += bytes.byteLength;
    return copy;
  }
}
