/** A service's snapshot as it travels (Figure 13): with the cluster time of its last entry. */
import { pack, unpackFresh } from '../formats/msgpack.ts';

export interface Transfer {
  readonly time: number;
  readonly snapshot: Uint8Array;
}

export function encodeTransfer({ time, snapshot }: Transfer): Uint8Array {
  return pack([time, snapshot]);
}

export function decodeTransfer(bytes: Uint8Array): Transfer {
  const [time, snapshot] = unpackFresh(bytes) as [number, Uint8Array];
  return { time, snapshot };
}
