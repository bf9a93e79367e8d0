/** Who may do what with a file, as of `chmod`. */

/** Read and written by its owner alone. */
export const OWNER_FILE = 0o600;
export const OWNER_DIRECTORY = 0o700;
/** Anything at all by its group or by others. */
export const OTHERS = 0o077;
/** Changed by its group or by others. */
export const OTHERS_WRITE = 0o022;

/** As `chmod` takes it: `644`. */
export function modeText(mode: number): string {
  return (mode & 0o777).toString(8);
}
