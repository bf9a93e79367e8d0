/** Whether a start that failed may succeed by itself later, or needs a person first. */

/** Of system calls: what passes when the disk, the network or other processes are well again. */
const PASSING: ReadonlySet<string> = new Set([
  ...['EIO', 'ENOSPC', 'EDQUOT', 'ESTALE', 'ETIMEDOUT', 'ENXIO', 'EREMOTEIO', 'EHOSTDOWN'],
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'ENOBUFS', 'EAGAIN', 'EBUSY', 'EINTR'],
  ...['EADDRINUSE', 'EADDRNOTAVAIL', 'ENETDOWN'],
]);

/** By the code of the error, or of what has caused it. Damaged or foreign data and wrong flags have none. */
export function needsPerson(fault: unknown): boolean {
  let at = fault;
  for (let depth = 0; depth < 10 && typeof at === 'object' && at !== null; depth += 1) {
    const { code, cause } = at as { readonly code?: unknown; readonly cause?: unknown };
    if (typeof code === 'string' && PASSING.has(code)) return false;
    at = cause;
  }
  return true;
}
