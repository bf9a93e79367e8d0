/** Prints the hash of an eventful run: the test runs this in processes of their own. */
import { eventfulRun } from './eventful-run.ts';

process.stdout.write(`${(await eventfulRun(1)).hash}\n`);
