/** `statecraft health`: whether every server is ready. */

import { connectionFault } from '../client/connection-faults.ts';
import { errorMessageIn } from '../client/outcome-mapping.ts';
import { printable } from '../formats/printable.ts';
import type { HttpPort, HttpResponse } from '../ports/http.ts';
import { CLIENT_OPTIONS, type ClientOptions, connectionOf } from './client-options.ts';
import type { CommandDetails } from './command-table.ts';
import { EXIT, ExitError } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';

const SILENT = 'does not answer';

interface Health {
  readonly endpoint: string;
  readonly isReachable: boolean;
  readonly isReady: boolean;
  /** The failed checks; '' when it is ready. */
  readonly why: string;
}

export const HEALTH_COMMAND: CommandDetails = {
  options: CLIENT_OPTIONS,
  examples: [
    'statecraft health',
    'statecraft health --timeout 1s --endpoints 10.0.0.1:7101,10.0.0.2:7101',
  ],
  runCommandLine: showHealth,
};

async function showHealth(options: ClientOptions): Promise<void> {
  const { servers, port } = await connectionOf(options);
  const answers = await Promise.all(
    servers.endpoints.map((endpoint) => askReady(port, endpoint, options.timeout)),
  );
  port.close();
  print(answers, options.output);
  if (answers.every(({ isReachable }) => !isReachable)) {
    const [first] = answers;
    const why = first?.why === SILENT ? '; is the cluster running?' : `: ${first?.why}`;
    throw new ExitError(EXIT.unreachable, `no server answers${why}`);
  }
  const failing = answers.filter(({ isReady }) => !isReady);
  if (failing.length > 0) {
    const names = failing.map(({ endpoint }) => endpoint).join(', ');
    throw new ExitError(EXIT.failed, `not ready: ${names}`);
  }
}

function print(answers: readonly Health[], output: ClientOptions['output']): void {
  const rows = answers.map(({ endpoint, isReady, why }) => [
    endpoint,
    isReady ? 'ready' : `not ready: ${why}`,
  ]);
  if (output === 'json') {
    printJson(answers.map(({ endpoint, isReady, why }) => ({ endpoint, isReady, why })));
  } else if (output === 'table') printTable(['ENDPOINT', 'HEALTH'], rows);
  else for (const row of rows) printLine(row.join(' '));
}

function askReady(port: HttpPort, endpoint: string, timeoutMs: number): Promise<Health> {
  const request = { method: 'GET', path: '/readyz?verbose', headers: {}, body: null } as const;
  return new Promise((resolve) => {
    const silent = (why: string) =>
      resolve({ endpoint, isReachable: false, isReady: false, why: printable(why) });
    const abandon = port.send({ ...request, endpoint }, (result, code = '') => {
      clearTimeout(timer);
      if (typeof result === 'string') silent(connectionFault(endpoint, code) ?? SILENT);
      else resolve({ endpoint, isReachable: true, ...healthIn(result) });
    });
    const timer = setTimeout(() => {
      abandon();
      silent(SILENT);
    }, timeoutMs);
  });
}

/** The checks that failed; without any, the error of the answer itself. */
function healthIn(answer: HttpResponse): Pick<Health, 'isReady' | 'why'> {
  const isReady = answer.status === 200;
  const lines = new TextDecoder().decode(answer.body).split('\n');
  const failed = lines.filter((line) => line.startsWith('[-]')).map((line) => line.slice(3));
  const why = failed.length > 0 || isReady ? failed.join('; ') : errorMessageIn(answer);
  return { isReady, why: printable(why) };
}
