// Loaded into a server (NODE_OPTIONS=--import): at SIGUSR2 it writes the longest pause of its event
// loop since the last time, in milliseconds, into the file PAUSES_DIRECTORY/<pid>.
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const file = join(process.env.PAUSES_DIRECTORY, String(process.pid));
const delays = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
delays.enable();
process.on('SIGUSR2', () => {
  // Whole at once: it is waited for.
  writeFileSync(`${file}.partial`, String(delays.max / 1e6));
  renameSync(`${file}.partial`, file);
  delays.reset();
});
