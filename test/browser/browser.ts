/**
 * Finds a browser for the tests, and starts it. `STATECRAFT_BROWSER` may name the program; when it
 * says `required`, tests without a browser fail instead of being left out.
 */
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const APPLICATIONS = ['Google Chrome', 'Chromium'];
const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking'];

const wish = process.env.STATECRAFT_BROWSER ?? '';
const isRequired = wish === 'required';
const isNamed = wish !== '' && !isRequired;

function usualPlaces(): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  return [
    ...NAMES.flatMap((name) => folders.map((folder) => join(folder, name))),
    ...APPLICATIONS.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`),
  ];
}

/** Where a browser is, or null. */
export const browserPath = (isNamed ? [wish] : usualPlaces()).find(existsSync) ?? null;

export const noBrowser =
  `no browser ${isNamed ? `at ${wish}` : 'found'}: ` +
  'install one (Debian: apt-get install chromium), or name it (STATECRAFT_BROWSER=/path/to/it)';

/** Somebody who names a browser, or requires one, wants to hear that it is not there. */
export const testsNeedBrowser = browserPath !== null || wish !== '';

/** @throws Error when there is no browser. */
export function launch(): Promise<Browser> {
  if (browserPath === null) throw new Error(noBrowser);
  return chromium.launch({ executablePath: browserPath, args: FLAGS });
}

let shared: Promise<Browser> | null = null;

/** One for all files of tests that run in this process; it ends with the process. */
export function sharedBrowser(): Promise<Browser> {
  shared ??= launch();
  return shared;
}
