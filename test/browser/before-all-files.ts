/** Once per run, before the first file: builds the pages, or says why their tests are left out. */
import type { TestProject } from 'vitest/node';
import { browserPath, noBrowser, testsNeedBrowser } from './browser.ts';
import { buildPage } from './built-pages.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** Why the pages could not be built, or nothing. */
    readonly buildTrouble: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  if (!testsNeedBrowser) process.stdout.write(`tests in a browser are left out: ${noBrowser}\n`);
  project.provide('buildTrouble', browserPath === null ? '' : await buildBoth());
}

/** A page that does not build fails its own tests, and no others. */
async function buildBoth(): Promise<string> {
  try {
    // One after the other: the second finds the charts that the first has laid out.
    await buildPage('playground');
    await buildPage('inspector');
    return '';
  } catch (error) {
    return String(error);
  }
}
