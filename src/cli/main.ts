#!/usr/bin/env node
/**
 * The command `statecraft`. It looks at the version of Node.js before it loads anything that an
 * older one could not even parse.
 */

import { EXIT } from './exit-codes.ts';
import { nodeFault } from './node-version.ts';

const fault = nodeFault(process.versions.node);
if (fault === null) {
  const [word = '', ...rest] = process.argv.slice(2);
  // What scripts ask for most often needs nothing else.
  if (rest.length === 0 && (word === '-v' || word === '--version')) {
    const { packageVersion } = await import('../node/this-package.ts');
    process.stdout.write(`${packageVersion()}\n`);
  } else {
    const { run } = await import('./program.ts');
    await run(process.argv);
  }
} else {
  process.stderr.write(`statecraft: ${fault}\n`);
  process.exitCode = EXIT.usage;
}
