/** Tabs, as ARIA has them: arrows move between them, only the chosen one is in the tab order. */
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import { onArrows } from './shortcuts.ts';

interface TabsProps<Name extends string> {
  readonly label: string;
  readonly tabs: readonly (readonly [name: Name, title: string])[];
  readonly value: Name;
  readonly onChoose: (name: Name) => void;
  /** What the chosen tab shows. */
  readonly children: ComponentChildren;
}

export function Tabs<Name extends string>(props: TabsProps<Name>) {
  const { label, tabs, value: chosen, onChoose, children } = props;
  const base = useId();
  const move = onArrows(
    (by) => {
      const at = tabs.findIndex(([name]) => name === chosen);
      const [next] = tabs[(at + by + tabs.length) % tabs.length]!;
      onChoose(next);
      document.getElementById(`${base}-${next}`)?.focus();
    },
    ['ArrowLeft', 'ArrowRight'],
  );
  return (
    <>
      <div class="tabs" role="tablist" aria-label={label} onKeyDown={move}>
        {tabs.map(([name, title]) => (
          <button
            key={name}
            type="button"
            role="tab"
            id={`${base}-${name}`}
            aria-selected={name === chosen}
            aria-controls={`${base}-panel`}
            tabIndex={name === chosen ? 0 : -1}
            onClick={() => onChoose(name)}
          >
            {title}
          </button>
        ))}
      </div>
      <div
        class="tab-panel"
        role="tabpanel"
        id={`${base}-panel`}
        aria-labelledby={`${base}-${chosen}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, and by keyboard too.
        tabIndex={0}
      >
        {children}
      </div>
    </>
  );
}
