/** Bounds on what clients may take at a time: in total, and a share of it for one address. */
import { LOOPBACK } from '../node/remote-address.ts';

export interface Limit {
  readonly max: number;
  /** Of one remote address; this machine's own may have all of it. */
  readonly perAddressMax: number;
}

const MEBIBYTE = 1024 * 1024;

export const DEFAULT_BOUNDS = {
  connections: limitOf(8_192, 1_024),
  /** Requests that are not answered yet. */
  requests: limitOf(16_384),
  /** Of request bodies that are being received, or held until they are answered. */
  bodyBytes: limitOf(64 * MEBIBYTE),
  /** Of values and lists that are being read or sent. */
  answerBytes: limitOf(256 * MEBIBYTE),
};

export type ServiceBounds = Readonly<typeof DEFAULT_BOUNDS>;

/** Of one connection, side by side; more of them wait. */
export const REQUESTS_PER_CONNECTION_MAX = 64;

/** By default a quarter of everything, which leaves most of it to the others. */
export function limitOf(max: number, perAddressMax = Math.ceil(max / 4)): Limit {
  return { max, perAddressMax: Math.min(max, perAddressMax) };
}

export class MemoryBudget {
  readonly limit: Limit;
  /** What is counted, for people. */
  readonly unit: string;
  readonly #byAddress = new Map<string, number>();
  #used = 0;

  constructor(limit: Limit, unit: string) {
    this.limit = limit;
    this.unit = unit;
  }

  get used(): number {
    return this.#used;
  }

  /** What prevents taking that much more: the address's own share first. */
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
