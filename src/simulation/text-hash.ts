/** A running 64-bit hash of text: to compare traces, not to withstand anybody. */

const HEX_DIGITS = 8;

export class TextHash {
  #low = 0x6a09e667;
  #high = 0xbb67ae85 | 0;

  add(text: string): void {
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < text.length; at += 1) {
      const code = text.charCodeAt(at);
      low = Math.imul(low ^ code, 0x01000193);
      high = Math.imul(high ^ code, 0x85ebca6b) ^ (low >>> 13);
    }
    this.#low = low;
    this.#high = high;
  }

  addBytes(bytes: Uint8Array): void {
    let low = this.#low;
    let high = this.#high;
    for (let at = 0; at < bytes.byteLength; at += 1) {
      const byte = bytes[at]!;
      low = Math.imul(low ^ byte, 0x01000193);
      high = Math.imul(high ^ byte, 0x85ebca6b) ^ (low >>> 13);
    }
    this.#low = low;
    this.#high = high;
  }

  toString(): string {
    const hex = (lane: number) => (lane >>> 0).toString(16).padStart(HEX_DIGITS, '0');
    return hex(this.#high) + hex(this.#low);
  }

  /** 53 bits of it, as a number. */
  toNumber(): number {
    return (this.#high >>> 11) * 0x1_0000_0000 + (this.#low >>> 0);
  }
}
