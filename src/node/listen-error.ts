/** Apart from the listener: the package's declarations must not lead to those of `ws`. */
import { StartError } from '../host/errors.ts';
import type { ListenAddress } from './peer-addresses.ts';

/** The peer port cannot be listened on. */
export class ListenError extends StartError {
  /** `EADDRINUSE` when another process has it. */
  readonly code: string;
  readonly host: string;
  readonly port: number;

  constructor({ host, port }: ListenAddress, cause: NodeJS.ErrnoException) {
    const code = cause.code ?? 'unknown';
    super(listenProblem(host, port, code), { cause });
    this.code = code;
    this.host = host;
    this.port = port;
  }
}

function listenProblem(host: string, port: number, code: string): string {
  if (code === 'EADDRINUSE') {
    return (
      `Port ${port} of ${host} is taken: another process listens on it, perhaps this very server. ` +
      'Stop that one, or choose another port.'
    );
  }
  return (
    `Cannot listen for other servers on ${host}, port ${port}: ${code}. ` +
    'Check that the address is one of this machine, and that this user may use the port.'
  );
}
