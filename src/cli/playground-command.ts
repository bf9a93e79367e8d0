/** `statecraft playground`: serves the built playground to a browser of this machine. */
import { createServer } from 'node:http';
import { builtPage, pageHandler, type StaticFolder } from '../inspector/static-folder.ts';
import type { Command } from '../vendor/commander.ts';
import { watchForEnd } from './ending.ts';
import { EXIT, lineOf, usageError } from './exit-codes.ts';
import { withExamples } from './help.ts';
import { assertFree, taken } from './port-holder.ts';
import { parsePort } from './values.ts';

const HOST = '127.0.0.1';
const WHAT = 'the playground';

interface Options {
  readonly port: number;
  readonly keepRunning: boolean;
}

export function addPlaygroundCommand(program: Command): void {
  const command = program
    .command('playground')
    .description(
      'Show a simulated cluster in a browser of this machine, to watch and to play with.',
    )
    .option('--port <port>', 'port of 127.0.0.1 where the page is', parsePort, 7300)
    .option('--keep-running', 'go on when whoever started this ends without a signal', false)
    .action(runPlayground);
  withExamples(command, ['statecraft playground', 'statecraft playground --port 8080']);
}

async function runPlayground({ port, keepRunning }: Options): Promise<void> {
  await assertFree({ host: HOST, port }, WHAT);
  const folder = builtPage('playground', '/');
  if (folder === null) throw usageError('the playground is not built: run npm run build first');
  await listening(folder, port);
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  process.stdout.write(`ready: playground at http://${HOST}:${port}/\n`);
  // Nothing is under way that would be lost: the page itself is all there is.
  watchForEnd({
    watchesParent: !keepRunning,
    onStop: () => process.exit(EXIT.done),
    onImpatience: () => process.exit(EXIT.interrupted),
  });
}

function listening(folder: StaticFolder, port: number): Promise<void> {
  const server = createServer(pageHandler({ folder, base: '/', what: WHAT }));
  return new Promise((resolve, reject) => {
    server.once('error', async (error: NodeJS.ErrnoException) => {
      reject(await taken({ host: HOST, port }, WHAT, error.code ?? lineOf(error)));
    });
    server.listen(port, HOST, resolve);
  });
}
