/** The help of a page: some words, and every key. */

import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { setting } from './controls.tsx';
import { Dialog } from './dialog.tsx';
import type { Shortcut, ShortcutGroup } from './shortcuts.ts';

/** A page has one help. */
export const isHelpOpen = signal(false);

export const helpShortcut: Shortcut = {
  keys: '?',
  about: 'This help',
  run: setting(isHelpOpen, true),
};

interface HelpProps {
  readonly title: string;
  readonly shortcuts: () => readonly ShortcutGroup[];
  readonly children: ComponentChildren;
}

export function Help({ title, shortcuts, children }: HelpProps) {
  if (!isHelpOpen.value) return null;
  return (
    <Dialog title={title} onClose={setting(isHelpOpen, false)}>
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
