/** The cluster as a ring: servers, links, and messages moving along them. */

import { useMemo, useRef } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import { Memo } from '../../../pages/controls.tsx';
import { useSize } from '../../../pages/size.ts';
import type { Frame } from '../../frame.ts';
import type { OfFrame } from '../store.ts';
import { geometryOf, placeOfServer } from './geometry.ts';
import { linksOf } from './links.tsx';
import { lookOf } from './looks.ts';
import { Messages } from './messages.tsx';
import { ServerMark } from './server-mark.tsx';

interface RingProps extends OfFrame {
  readonly onServer: (id: ServerId) => void;
}

export function Ring({ store, frame, onServer }: RingProps) {
  const box = useRef<HTMLDivElement>(null);
  const { width, height } = useSize(box, { width: 360, height: 320 }).value;
  const names = frame.servers.map(({ id }) => id).join();
  const geometry = useMemo(
    () => geometryOf(names.split(','), width, height),
    [names, width, height],
  );
  return (
    <div class="ring" ref={box}>
      {/* biome-ignore lint/a11y/useSemanticElements: there are no fieldsets inside a picture. */}
      <svg
        width={width}
        height={height}
        viewBox={`0 0 ${width} ${height}`}
        role="group"
        aria-label="The servers, in a ring"
      >
        <Memo on={[geometry, JSON.stringify(frame.cuts), store.link.value]}>
          {() => linksOf(store, geometry, frame.cuts)}
        </Memo>
        {frame.servers.map((server) => {
          const look = lookOf(server);
          const { id } = server;
          const isSelected = id === store.server.value;
          const group = groupLetter(frame.cuts.groups, id);
          const place = placeOfServer(geometry, id);
          return (
            <Memo key={id} on={[geometry, JSON.stringify(look), isSelected, group]}>
              {() => (
                <ServerMark
                  {...{ store, look, place, group, isSelected }}
                  radius={geometry.radius}
                  onSelect={() => onServer(id)}
                />
              )}
            </Memo>
          );
        })}
        <Messages store={store} frame={frame} geometry={geometry} />
      </svg>
    </div>
  );
}

function groupLetter(groups: Frame['cuts']['groups'], id: ServerId): string | null {
  const at = groups?.findIndex((group) => group.includes(id)) ?? -1;
  return at < 0 ? null : String.fromCharCode('A'.charCodeAt(0) + at);
}
