/** Binary search: the least whole number for which it is true; it must be true from there on. */
export function lowestWhere(
  from: number,
  until: number,
  isTrue: (number: number) => boolean,
): number {
  let low = from;
  let high = until;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isTrue(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
