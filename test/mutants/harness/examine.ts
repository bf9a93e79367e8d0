/**
 * Runs one file of tests in this process, and says whether an assertion failed. The runner is
 * Vitest's own; only what surrounds it is left out, so that it takes milliseconds.
 */
import { join } from 'node:path';
import type { File, Suite, Task, Test, VitestRunner, VitestRunnerConfig } from '@vitest/runner';
import { startTests } from '@vitest/runner';
import { configureGlobal } from 'fast-check';
import type { TestError } from 'vitest';
import { type ChangedSource, root } from './changed-source.ts';
import type { Job, Outcome } from './job.ts';

const TEST_TIMEOUT_MS = 30_000;
const MESSAGE_MAX = 140;

/** Nothing is tried again. */
const config = {
  root,
  setupFiles: [],
  name: undefined,
  passWithNoTests: false,
  testNamePattern: undefined,
  allowOnly: true,
  sequence: { seed: 1, hooks: 'stack', setupFiles: 'list' },
  chaiConfig: undefined,
  maxConcurrency: 5,
  testTimeout: TEST_TIMEOUT_MS,
  hookTimeout: TEST_TIMEOUT_MS,
  includeTaskLocation: false,
  tags: [],
  tagsFilter: undefined,
  strictTags: false,
} as const satisfies Omit<VitestRunnerConfig, 'retry'>;

/** What Vitest's `expect` wants to know of the process that it runs in. */
export function pretendToBeVitest(): void {
  // One seed for all properties, so that the message is the same every time.
  configureGlobal({ seed: 1 });
  const snapshotOptions = { expand: false, updateSnapshot: 'none' };
  const state = { config: { snapshotOptions, expect: {} }, ctx: {}, environment: { name: 'ssr' } };
  Object.assign(globalThis, { __vitest_worker__: state });
}

export async function examine(
  source: ChangedSource,
  { change, test, name }: Job,
): Promise<Outcome> {
  source.set(change);
  source.forget(test);
  const filepath = join(root, test);
  const testNamePattern = name === null ? undefined : new RegExp(escaped(name));
  const [file] = await startTests([{ filepath, testNamePattern }], runnerOf(source));
  if (file === undefined) return { verdict: 'accident', message: 'no file of tests' };
  return judge(file, () => source.loadedBy(test));
}

/** Stops at the first assertion that fails: one is enough. */
function runnerOf(source: ChangedSource): VitestRunner {
  let isKilled = false;
  return {
    config: config as unknown as VitestRunnerConfig,
    pool: 'forks',
    viteEnvironment: 'ssr',
    importFile: (path: string) => source.import(path),
    onBeforeRunTask: (test: Test) => {
      if (isKilled) test.mode = 'skip';
    },
    onAfterRunTask: (test: Test) => {
      isKilled ||= errorsOf(test).some(isAssertion);
    },
  };
}

function judge(file: File, loaded: () => readonly string[]): Outcome {
  const tests = testsOf(file);
  const killed = tests.find((test) => errorsOf(test).some(isAssertion));
  if (killed !== undefined) {
    const message = firstLine(errorsOf(killed).find(isAssertion));
    return { verdict: 'killed', title: titleOf(killed), message };
  }
  const [error] = [file, ...tests, ...suitesOf(file)].flatMap(errorsOf);
  if (error !== undefined) return { verdict: 'accident', message: firstLine(error) };
  const ran = tests.filter(({ result }) => result?.state === 'pass').length;
  if (ran === 0) return { verdict: 'accident', message: 'no test ran' };
  return { verdict: 'survived', tests: ran, loaded: loaded() };
}

/** The referee's violations say which invariant fell; `expect` wraps a crash, too. */
function isAssertion({ name, message }: TestError): boolean {
  if (name === 'PropertyViolation') return true;
  return (
    name === 'AssertionError' &&
    !/^promise rejected "(Type|Reference|Range|Syntax)Error/.test(message)
  );
}

/** A property (fast-check) fails because of what is asserted in it. */
function errorsOf(task: Task): readonly TestError[] {
  return (task.result?.errors ?? []).map((error) =>
    error.message.startsWith('Property failed') && error.cause !== undefined ? error.cause : error,
  );
}

function testsOf(task: Task): readonly Test[] {
  return task.type === 'test' ? [task] : task.tasks.flatMap(testsOf);
}

function suitesOf(task: Task): readonly Task[] {
  return task.type === 'test' ? [] : [task, ...task.tasks.flatMap(suitesOf)];
}

/** As the name pattern sees it: everything above it, and itself. */
function titleOf({ suite, name }: Test | Suite): string {
  return suite === undefined ? name : `${titleOf(suite)} ${name}`;
}

function firstLine(error: TestError | undefined): string {
  const [first = ''] = (error?.message ?? '').split('\n');
  const line = lasting(first);
  return line.length > MESSAGE_MAX ? `${line.slice(0, MESSAGE_MAX - 1)}…` : line;
}

/** Without what is another every time: times, temporary directories, traces. */
function lasting(message: string): string {
  return message
    .replaceAll(/\d{10,}/g, '…')
    .replaceAll(/[\w/.-]*\/statecraft-[\w-]+…?/g, '…')
    .replaceAll(/'(?:\s+\d[^']*|[^']*\\n[^']*)'/g, "'…'");
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
