/** `statecraft playground`: serves the built playground to a browser of this machine. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { builtPage, pageHandler } from '../inspector/static-folder.ts';
import type { CommandDetails, OptionsOf, OptionTable } from './command-table.ts';
import { EXIT, usageError } from './exit-codes.ts';
import { parsePort } from './option-values.ts';
import { printLine } from './output.ts';
import { assertFree, listening } from './port-holder.ts';
import { onShutdown } from './shutdown-signals.ts';

const HOST = '127.0.0.1';
const WHAT = 'the playground';

const OPTIONS = {
  '--port <port>': {
    what: 'port of 127.0.0.1 that serves the page',
    parse: parsePort,
    byDefault: 7300,
  },
  '--keep-running': 'keep running when the process that started this ends without a signal',
} as const satisfies OptionTable;

export const PLAYGROUND_COMMAND: CommandDetails = {
  options: OPTIONS,
  examples: ['statecraft playground', 'statecraft playground --port 8080'],
  runCommandLine: runPlayground,
};

async function runPlayground({ port, keepRunning }: OptionsOf<typeof OPTIONS>): Promise<void> {
  await assertFree({ host: HOST, port }, WHAT);
  const folder = builtPage('playground', '/');
  if (folder === null) throw usageError('the playground is not built: run npm run build first');
  const server = createServer(pageHandler({ folder, base: '/', what: WHAT })).listen(port, HOST);
  await listening({ host: HOST, port }, WHAT, once(server, 'listening'));
  printLine(`ready: playground at http://${HOST}:${port}/`);
  // Nothing could be lost: there is only the page itself.
  onShutdown({
    watchesParent: !keepRunning,
    onStop: () => process.exit(EXIT.done),
    onSecondInterrupt: () => process.exit(EXIT.interrupted),
  });
}
