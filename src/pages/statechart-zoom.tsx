/** How large a statechart is drawn: chosen by buttons, or one after the other by a key. */
import type { Zoom } from './statechart-place.ts';

const ZOOMS: readonly { readonly zoom: Zoom; readonly text: string; readonly title: string }[] = [
  { zoom: 'whole', text: 'Fit', title: 'The whole chart' },
  { zoom: 'width', text: 'Width', title: 'As wide as its place' },
  { zoom: 'natural', text: '100 %', title: 'At natural size' },
];

/** One after the other; after the last as the page thinks best, as at first. */
export function nextZoom(zoom: Zoom | null): Zoom | null {
  const at = ZOOMS.findIndex((each) => each.zoom === zoom);
  return ZOOMS[at + 1]?.zoom ?? null;
}

export function ZoomSwitch({
  zoom,
  onZoom,
}: {
  readonly zoom: Zoom | null;
  readonly onZoom: (zoom: Zoom | null) => void;
}) {
  return (
    <fieldset class="zoom-switch">
      <legend class="visually-hidden">Size of the chart</legend>
      {ZOOMS.map((each) => (
        <button
          key={each.zoom}
          type="button"
          class="button is-small is-quiet"
          title={`${each.title} (z)`}
          aria-keyshortcuts="z"
          aria-pressed={each.zoom === zoom}
          onClick={() => onZoom(each.zoom === zoom ? null : each.zoom)}
        >
          {each.text}
        </button>
      ))}
    </fieldset>
  );
}
