/**
 * `npm run test:times` prints how long each suite took when it was last run here, in either tier;
 * with `--write` it goes into docs/testing.md, too.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readTimes, type TierTimes, tableOf } from './times.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/testing.md');
const REGION = /<!-- times:start -->[\s\S]*<!-- times:end -->/;

const { quick, full } = readTimes();
const table = tableOf({ quick: present(quick), full: present(full) });
process.stdout.write(`${table}\n`);
if (process.argv.includes('--write')) {
  const region = `<!-- times:start -->\n\n${table}\n\n<!-- times:end -->`;
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(REGION, () => region),
  );
}

/** Without files that have gone since. */
function present(times: TierTimes): TierTimes {
  return Object.fromEntries(Object.entries(times).filter(([file]) => existsSync(join(ROOT, file))));
}
