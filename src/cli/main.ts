#!/usr/bin/env node
/**
 * The command `statecraft`. It looks at the version of Node.js before it loads anything that an
 * older one could not even parse.
 */

import { EXIT } from './exit-codes.ts';
import { nodeFault } from './node-version.ts';

const fault = nodeFault(process.versions.node);
if (fault === null) {
  const { run } = await import('./program.ts');
  await run(process.argv);
} else {
  process.stderr.write(`statecraft: ${fault}\n`);
  process.exitCode = EXIT.usage;
}
