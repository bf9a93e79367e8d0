/**
 * `npm run test:times` prints how long each suite took when it was last run here, in either tier;
 * with `--write` it goes into docs/testing.md, too.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FULL_ONLY } from './tier.ts';
import { readTimes, type TierTimes, tableOf } from './times.ts';

const ROOT = join(import.meta.dirname, '../..');
const PAGE = join(ROOT, 'docs/testing.md');
const REGION = /<!-- times:start -->[\s\S]*<!-- times:end -->/;

const { quick, full } = readTimes();
const table = tableOf({
  quick: present(quick, (file) => !FULL_ONLY.includes(file)),
  full: present(full, () => true),
});
process.stdout.write(`${table}\n`);
if (process.argv.includes('--write')) {
  const region = `<!-- times:start -->\n\n${table}\n\n<!-- times:end -->`;
  writeFileSync(
    PAGE,
    readFileSync(PAGE, 'utf8').replace(REGION, () => region),
  );
}

/** Without files that have gone since, from the folder or from the tier. */
function present(times: TierTimes, isInTier: (file: string) => boolean): TierTimes {
  const isThere = (file: string) => isInTier(file) && existsSync(join(ROOT, file));
  return Object.fromEntries(Object.entries(times).filter(([file]) => isThere(file)));
}
