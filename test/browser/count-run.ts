/** `count-run.ts results.json`: how many browser tests a run of vitest really ran, from its report. */
import { readFileSync } from 'node:fs';
import { sep } from 'node:path';

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

/** Without a report no test was run. */
function reportIn(text: string): Report {
  return text === '' ? { testResults: [] } : JSON.parse(text);
}

const { testResults } = reportIn(readFileSync(process.argv[2] ?? '', 'utf8'));
const own = testResults.filter(({ name }) => name.includes(`${sep}test${sep}browser${sep}`));
const run = own
  .flatMap(({ assertionResults }) => assertionResults)
  .filter(({ status }) => status === 'passed' || status === 'failed');
process.stdout.write(`browser tests: ${run.length} run\n`);
