/** The accessibility audit: everything axe-core finds wrong with a page as it stands. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { AxeResults } from 'axe-core';
import type { Page } from 'playwright-core';

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** A line for each violation and place, none when all is well. */
export async function audit(page: Page): Promise<readonly string[]> {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate<AxeResults>('axe.run()');
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary}`),
  );
}

export interface FaultContext {
  readonly name: string;
  readonly options: {
    readonly colorScheme: 'light' | 'dark';
    readonly viewport: { readonly width: number; readonly height: number };
  };
}

const SCREENS = { desktop: { width: 1600, height: 1000 }, phone: { width: 390, height: 844 } };

/** Light and dark, wide and narrow. */
export const surroundings: readonly FaultContext[] = (['light', 'dark'] as const).flatMap(
  (colorScheme) =>
    Object.entries(SCREENS).map(([screen, viewport]) => ({
      name: `${colorScheme}, ${screen}`,
      options: { colorScheme, viewport },
    })),
);
