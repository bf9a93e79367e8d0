/** Whether this Node.js is new enough. No syntax here that an old one would not know. */
const OLDEST = [20, 19] as const;

/** Null when it is, otherwise a sentence that says what to do. */
export function nodeFault(version: string): string | null {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST[0] || (major === OLDEST[0] && minor >= OLDEST[1])) return null;
  return `Node.js ${version} is too old; install Node.js ${OLDEST.join('.')} or newer, then try again`;
}
