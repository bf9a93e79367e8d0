/** What is left to do when `dist` is compiled and the pages are built: see each file. */
import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { bundleCommand } from './command.ts';
import { rewriteDeclarations } from './declarations.ts';
import { writeLicenses } from './licenses.ts';
import { bundleVendor } from './vendor.ts';

await bundleVendor();
await bundleCommand();
writeLicenses();
rewriteDeclarations();
// Only npm makes the command executable, and only where it links it.
chmodSync(join(import.meta.dirname, '../../dist/src/cli/main.js'), 0o755);
