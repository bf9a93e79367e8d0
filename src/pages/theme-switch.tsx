/** The page's own switch between the system's theme, light and dark; remembered by the browser. */
import { useState } from 'preact/hooks';

const THEMES = ['system', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const PLACE = 'statecraft.theme';

function stored(): Theme {
  try {
    return THEMES.find((theme) => theme === localStorage.getItem(PLACE)) ?? 'system';
  } catch {
    return 'system'; // Where storage is forbidden the page works without it.
  }
}

function put(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  try {
    localStorage.setItem(PLACE, theme);
  } catch {
    return;
  }
}

/** Before the first picture, so that nothing flashes. */
export function applyStoredTheme(): void {
  const theme = stored();
  if (theme !== 'system') document.documentElement.dataset.theme = theme;
}

export function ThemeSwitch() {
  const [theme, setTheme] = useState(stored);
  return (
    <label class="theme-switch">
      <span class="visually-hidden">Theme</span>
      <select
        class="field"
        value={theme}
        onChange={({ currentTarget }) => {
          const next = THEMES.find((each) => each === currentTarget.value) ?? 'system';
          put(next);
          setTheme(next);
        }}
      >
        <option value="system">System</option>
        <option value="light">Light</option>
        <option value="dark">Dark</option>
      </select>
    </label>
  );
}
