/** `statecraft health`: whether every server is ready. */

import { httpGet } from '../node/http-get.ts';
import type { Command } from '../vendor/commander.ts';
import { type ClientOptions, withClientOptions } from './client-options.ts';
import { CommandError, EXIT } from './exit-codes.ts';
import { printJson, printLine, printTable } from './output.ts';

interface Health {
  readonly endpoint: string;
  readonly isReachable: boolean;
  readonly isReady: boolean;
  /** Why it is not, one check after the other; '' when it is. */
  readonly why: string;
}

export function addHealthCommand(program: Command): void {
  withClientOptions(
    program.command('health').description('Tell whether every server is ready.'),
  ).action(showHealth);
}

async function showHealth({ endpoints, timeout, output }: ClientOptions): Promise<void> {
  const answers = await Promise.all(endpoints.map((endpoint) => askReady(endpoint, timeout)));
  print(answers, output);
  if (answers.every(({ isReachable }) => !isReachable)) {
    throw new CommandError(EXIT.unreachable, 'no server answers; is the cluster running?');
  }
  const failing = answers.filter(({ isReady }) => !isReady);
  if (failing.length > 0) {
    const names = failing.map(({ endpoint }) => endpoint).join(', ');
    throw new CommandError(EXIT.failed, `not ready: ${names}`);
  }
}

function print(answers: readonly Health[], output: ClientOptions['output']): void {
  const verdict = ({ isReady, why }: Health) => (isReady ? 'ready' : `not ready: ${why}`);
  if (output === 'json') {
    printJson(answers.map(({ endpoint, isReady, why }) => ({ endpoint, isReady, why })));
  } else if (output === 'table') {
    printTable(
      ['ENDPOINT', 'HEALTH'],
      answers.map((health) => [health.endpoint, verdict(health)]),
    );
  } else {
    for (const health of answers) printLine(`${health.endpoint} ${verdict(health)}`);
  }
}

async function askReady(endpoint: string, timeoutMs: number): Promise<Health> {
  const answer = await httpGet(`${endpoint}/readyz?verbose`, timeoutMs);
  if (answer === null) {
    return { endpoint, isReachable: false, isReady: false, why: 'does not answer' };
  }
  const failed = answer.text.split('\n').filter((line) => line.startsWith('[-]'));
  const why = failed.map((line) => line.slice('[-]'.length)).join('; ');
  return { endpoint, isReachable: true, isReady: answer.status === 200, why };
}
