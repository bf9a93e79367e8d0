/** The help of a page: some words, and every key. */

import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { setting } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import type { Shortcut, ShortcutGroup } from './shortcuts.ts';

interface HelpProps {
  readonly title: string;
  readonly isOpen: Signal<boolean>;
  readonly shortcuts: () => readonly ShortcutGroup[];
  readonly children: ComponentChildren;
}

export function Help({ title, isOpen, shortcuts, children }: HelpProps) {
  if (!isOpen.value) return null;
  return (
    <Dialog title={title} onClose={setting(isOpen, false)}>
      <div class="help">
        {children}
        {shortcuts().map((group) => (
          <section key={group.name}>
            <h3 class="label">{group.name}</h3>
            <dl class="keys">{group.shortcuts.map(ShortcutRow)}</dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

function ShortcutRow({ keys, shown = keys, about }: Shortcut) {
  return (
    <div key={about}>
      <dt>{shown.split(' ').map((key) => (key === '…' ? ' … ' : <kbd key={key}>{key}</kbd>))}</dt>
      <dd>{about}</dd>
    </div>
  );
}
