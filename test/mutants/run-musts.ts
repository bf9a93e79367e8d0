/**
 * `npm run musts`: breaks each rule in a copy of the repository, and looks whether its test turns
 * red by an assertion. With words behind it, only the rules that hold one of them.
 */
import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Must } from './must.ts';
import { sections } from './musts.ts';

const root = join(import.meta.dirname, '../..');
const copied = ['machines', 'src', 'test', 'docs', 'package.json', 'tsconfig.json'];
const words = process.argv.slice(2);

interface Report {
  readonly numTotalTests: number;
  readonly testResults: readonly {
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages: readonly string[];
    }[];
  }[];
}

const copy = await mkdtemp(join(tmpdir(), 'statecraft-musts-'));
try {
  for (const name of [...copied, 'vitest.config.ts', 'README.md']) {
    await cp(join(root, name), join(copy, name), { recursive: true });
  }
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'));
  process.exitCode = (await examineAll()) ? 0 : 1;
} finally {
  await rm(copy, { recursive: true });
}

async function examineAll(): Promise<boolean> {
  const musts = sections
    .flatMap((section) => section.musts)
    .filter(
      (must) => words.length === 0 || words.some((word) => JSON.stringify(must).includes(word)),
    );
  let noticed = 0;
  const sound = new Map<string, string>();
  for (const must of musts) {
    if (!sound.has(must.test)) sound.set(must.test, await judge(must.test));
    const before = sound.get(must.test);
    const verdict = before === 'green' ? await examine(must) : `not green before: ${before}`;
    if (verdict.startsWith('red')) noticed += 1;
    say(`${verdict.startsWith('red') ? 'ok  ' : 'BAD '} ${must.must} [${must.test}] ${verdict}`);
  }
  say(`${noticed} of ${musts.length} noticed`);
  return noticed === musts.length;
}

async function examine({ file, find, replace, test }: Must): Promise<string> {
  const path = join(copy, file);
  const original = await readFile(path, 'utf8');
  if (original.split(find).length !== 2) return 'its place is not there, or not only once';
  await writeFile(
    path,
    original.replace(find, () => replace),
  );
  try {
    return await judge(test);
  } finally {
    await writeFile(path, original);
  }
}

/** `red: …` by an assertion, `green`, or what is wrong. */
async function judge(test: string): Promise<string> {
  const output = join(copy, 'report.json');
  await rm(output, { force: true });
  await vitest([test, '--reporter=json', `--outputFile=${output}`, '--testTimeout=20000']);
  const text = await readFile(output, 'utf8').catch(() => null);
  if (text === null) return 'no report';
  const report = JSON.parse(text) as Report;
  const results = report.testResults.flatMap((result) => result.assertionResults);
  if (results.length === 0) return 'no tests ran';
  const failed = results.filter(({ status }) => status === 'failed');
  const [first] = failed;
  if (first === undefined) return 'green';
  const accident = /^(?:Reference|Syntax|Type)Error/;
  if (failed.every(({ failureMessages }) => failureMessages.every((text) => accident.test(text)))) {
    return `fails by accident: ${first.failureMessages[0]?.split('\n')[0]}`;
  }
  return `red: ${failed.length} of ${results.length}, e.g. "${first.fullName.trim()}"`;
}

function vitest(options: readonly string[]): Promise<void> {
  return new Promise((resolve) => {
    const command = join(root, 'node_modules/vitest/vitest.mjs');
    const limits = { cwd: copy, timeout: 180_000, maxBuffer: 64 * 1024 * 1024 };
    execFile(process.execPath, [command, 'run', ...options], limits, () => resolve());
  });
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
