/** How large a statechart is drawn: chosen by buttons, or one after the other by a key. */

import { signal } from '@preact/signals';
import { Button } from './controls.tsx';
import type { Zoom } from './statechart-place.ts';

const ZOOMS: readonly (readonly [zoom: Zoom, text: string, title: string])[] = [
  ['whole', 'Fit', 'The whole chart'],
  ['width', 'Width', 'Fit to width'],
  ['natural', '100 %', 'At natural size'],
];

/** Of the page's statechart; null is what suits its place best. */
export const zoom = signal<Zoom | null>(null);

/** To the next size; after the last, back to the one that fits best. */
export function turnZoom(): void {
  const at = ZOOMS.findIndex(([each]) => each === zoom.value);
  zoom.value = ZOOMS[at + 1]?.[0] ?? null;
}

export function ZoomSwitch() {
  return (
    <fieldset class="zoom-switch">
      <legend class="visually-hidden">Size of the chart</legend>
      {ZOOMS.map(([each, text, title]) => (
        <Button
          key={each}
          class="is-small is-quiet"
          title={`${title} (z)`}
          aria-keyshortcuts="z"
          aria-pressed={each === zoom.value}
          onClick={() => (zoom.value = each === zoom.value ? null : each)}
        >
          {text}
        </Button>
      ))}
    </fieldset>
  );
}
