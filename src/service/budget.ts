/** So much of something at a time: in total, and of it one address no more than its share. */
import { LOOPBACK } from '../node/remote-address.ts';

export interface Limit {
  readonly max: number;
  /** Of one remote address; this machine's own may have all of it. */
  readonly perAddressMax: number;
}

/** A quarter of everything: whoever takes that leaves the others most of it. */
export function limitOf(max: number, perAddressMax = Math.ceil(max / 4)): Limit {
  return { max, perAddressMax: Math.min(max, perAddressMax) };
}

export class Budget {
  readonly limit: Limit;
  readonly #byAddress = new Map<string, number>();
  #used = 0;

  constructor(limit: Limit) {
    this.limit = limit;
  }

  get used(): number {
    return this.#used;
  }

  /** What stands in the way of that much more: the address's own share first. */
  obstacle(address: string, amount: number): 'share' | 'total' | null {
    const { max, perAddressMax } = this.limit;
    const own = this.#byAddress.get(address) ?? 0;
    if (address !== LOOPBACK && own + amount > perAddressMax) return 'share';
    return this.#used + amount > max ? 'total' : null;
  }

  /** False when there is not that much left; then nothing is taken. */
  take(address: string, amount: number): boolean {
    if (this.obstacle(address, amount) !== null) return false;
    this.#used += amount;
    this.#byAddress.set(address, (this.#byAddress.get(address) ?? 0) + amount);
    return true;
  }

  giveBack(address: string, amount: number): void {
    this.#used -= amount;
    const left = (this.#byAddress.get(address) ?? 0) - amount;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }
}
