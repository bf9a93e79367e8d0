/** The page's own switch between the system's theme, light and dark; remembered by the browser. */

import { signal } from '@preact/signals';
import { Select } from './controls.tsx';

const THEMES = [
  ['system', 'System'],
  ['light', 'Light'],
  ['dark', 'Dark'],
] as const;
type Theme = (typeof THEMES)[number][0];

const STORAGE_KEY = 'statecraft.theme';

const theme = signal<Theme>('system');

function choose(next: Theme): void {
  theme.value = next;
  if (next === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = next;
  try {
    localStorage.setItem(STORAGE_KEY, next);
  } catch {
    return; // Where storage is forbidden the page works without it.
  }
}

/** Before the first picture, so that nothing flashes. */
export function applyStoredTheme(): void {
  try {
    const stored = THEMES.find(([name]) => name === localStorage.getItem(STORAGE_KEY));
    if (stored !== undefined) choose(stored[0]);
  } catch {
    return;
  }
}

export function ThemeSwitch() {
  return <Select label="Theme" value={theme.value} options={THEMES} onChoose={choose} />;
}
