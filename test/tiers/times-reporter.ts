/** Notes what each file of tests took, for `npm run test:times`. Prints nothing. */
import { relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';
import { type FileTime, keepTimes, type Tier } from './times.ts';

export default class TimesReporter implements Reporter {
  readonly #tier: Tier;
  #root = '';

  constructor({ tier = 'full' }: { readonly tier?: Tier } = {}) {
    this.#tier = tier;
  }

  onInit({ config }: Vitest): void {
    this.#root = config.root;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const seen = modules.map(
      (each) => [relative(this.#root, each.moduleId), timeOf(each)] as const,
    );
    keepTimes(this.#tier, Object.fromEntries(seen));
  }
}

function timeOf(module: TestModule): FileTime {
  const { prepareDuration, setupDuration, collectDuration, duration } = module.diagnostic();
  const ms = Math.round(prepareDuration + setupDuration + collectDuration + duration);
  return { tests: [...module.children.allTests()].length, ms };
}
