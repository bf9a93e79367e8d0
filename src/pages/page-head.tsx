/** The top of a page: its name, what belongs to it alone, and at the end what both pages have. */

import type { ComponentChildren } from 'preact';
import { Button, setting } from './controls.tsx';
import { isHelpOpen } from './help.tsx';
import { ThemeSwitch } from './theme-switch.tsx';

interface PageHeadProps {
  readonly page: string;
  /** Before the switch of the theme. */
  readonly actions: ComponentChildren;
  readonly children?: ComponentChildren;
}

export function PageHead({ page, actions, children }: PageHeadProps) {
  return (
    <header class="page-head">
      <h1>
        Statecraft <span class="soft">{page}</span>
      </h1>
      {children}
      <span class="page-head-end">
        {actions}
        <ThemeSwitch />
        <Button
          class="is-square"
          aria-label="Help and shortcuts"
          aria-keyshortcuts="?"
          onClick={setting(isHelpOpen, true)}
        >
          ?
        </Button>
      </span>
    </header>
  );
}
