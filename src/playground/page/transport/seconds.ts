/** Virtual time, as people read it. */
export function seconds(timeMs: number): string {
  return `${(timeMs / 1000).toFixed(3)} s`;
}
