/** The panels by name: what shares a place is chosen from these. */

import type { ServerId } from '../../../machines/rules/entries.ts';
import type { Zoom } from '../../pages/statechart-place.ts';
import type { Frame } from '../frame.ts';
import type { Commands } from './app.tsx';
import { leaderOf } from './frame-facts.ts';
import { ClientPanel } from './panels/client-panel.tsx';
import { FeedPanel } from './panels/feed-panel.tsx';
import { LogTable } from './panels/log-table.tsx';
import { MachinePanel } from './panels/machine-panel.tsx';
import { MessagesPanel } from './panels/messages-panel.tsx';
import { NetworkPanel } from './panels/network-panel.tsx';
import { PairsTable } from './panels/pairs-table.tsx';
import { PropertiesPanel } from './panels/properties-panel.tsx';
import { ServerCard } from './panels/server-card.tsx';
import type { Session } from './session.ts';

export interface Selection {
  readonly server: ServerId | null;
  readonly flight: number | null;
  readonly link: readonly [ServerId, ServerId] | null;
}

export const TITLES = {
  feed: 'What happens',
  client: 'Client',
  messages: 'Messages',
  network: 'Links',
  pairs: 'Keys',
  safety: 'Safety',
  log: 'Log',
  machine: 'Server',
} as const;

export type Panel = keyof typeof TITLES;

export interface Shown {
  readonly session: Session;
  readonly frame: Frame;
  readonly selection: Selection;
  /** How large the statechart is drawn. */
  readonly zoom: Zoom | null;
  readonly commands: Commands;
}

export function View({
  panel,
  session,
  frame,
  selection,
  zoom,
  commands,
}: Shown & { readonly panel: Panel }) {
  const leader = leaderOf(frame);
  const server = frame.servers.find(({ id }) => id === selection.server) ?? frame.servers[0];
  const select = (id: ServerId) => commands.select({ server: id });
  switch (panel) {
    case 'feed':
      return <FeedPanel stage={session.stage} frame={frame} />;
    case 'client':
      return <ClientPanel frame={frame} leader={leader?.id ?? null} onAction={commands.act} />;
    case 'messages':
      return (
        <MessagesPanel
          frame={frame}
          selected={selection.flight}
          onSelect={(flight) => commands.select({ flight })}
          onIntent={commands.act}
        />
      );
    case 'network':
      return <NetworkPanel frame={frame} selected={selection.link} onAction={commands.act} />;
    case 'pairs':
      return <PairsTable frame={frame} leader={leader?.id ?? null} />;
    case 'safety':
      return <PropertiesPanel frame={frame} />;
    case 'log':
      return (
        <LogTable frame={frame} leader={leader} selected={server?.id ?? null} onServer={select} />
      );
    case 'machine':
      return server === undefined ? null : (
        <>
          <ServerCard server={server} frame={frame} onIntent={commands.act} />
          <MachinePanel
            stage={session.stage}
            frame={frame}
            server={server}
            zoom={zoom}
            onZoom={commands.zoom}
          />
        </>
      );
  }
}
