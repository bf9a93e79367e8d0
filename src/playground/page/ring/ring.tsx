/** The cluster as a ring: servers, links, and messages moving along them. */
import { useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { Frame } from '../../frame.ts';
import type { Stage } from '../stage.ts';
import { Still } from '../still.tsx';
import { geometryOf, placeOf } from './geometry.ts';
import { Links, linksOf } from './links.tsx';
import { lookOf } from './looks.ts';
import { Motion } from './motion.ts';
import { ServerMark } from './server-mark.tsx';

/** So many events may fall between two pictures without their losses going unseen. */
const PASSED_MAX = 50;

export interface RingSelection {
  readonly server: ServerId | null;
  readonly flight: number | null;
  readonly link: readonly [ServerId, ServerId] | null;
}

export function Ring({
  stage,
  frame,
  selection,
  onServer,
  onFlight,
  onLink,
}: {
  readonly stage: Stage;
  readonly frame: Frame;
  readonly selection: RingSelection;
  readonly onServer: (id: ServerId) => void;
  readonly onFlight: (number: number) => void;
  readonly onLink: (link: readonly [ServerId, ServerId]) => void;
}) {
  const [box, { width, height }] = useSize();
  const names = frame.servers.map(({ id }) => id).join();
  const geometry = useMemo(
    () => geometryOf(names.split(','), width, height),
    [names, width, height],
  );
  const { layer, arcRef } = useMotion(stage, frame, geometry, selection.flight, onFlight);
  const cutsKey = JSON.stringify(frame.cuts);
  const linkKey = selection.link?.join() ?? '';
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
        <Still
          on={[geometry, cutsKey, linkKey]}
          draw={() => (
            <Links
              links={linksOf(names.split(','), frame.cuts)}
              geometry={geometry}
              selected={selection.link}
              onSelect={onLink}
            />
          )}
        />
        {frame.servers.map((server) => {
          const look = lookOf(server);
          const { id } = server;
          const isSelected = id === selection.server;
          const group = groupLetter(frame.cuts.groups, id);
          return (
            <Still
              key={id}
              on={[geometry, JSON.stringify(look), isSelected, group]}
              draw={() => (
                <ServerMark
                  look={look}
                  place={placeOf(geometry, id)}
                  radius={geometry.radius}
                  group={group}
                  isSelected={isSelected}
                  onSelect={() => onServer(id)}
                  arcRef={arcRef(id)}
                />
              )}
            />
          );
        })}
        <g ref={layer} class="messages" />
      </svg>
    </div>
  );
}

export function groupLetter(groups: Frame['cuts']['groups'], id: ServerId): string | null {
  const at = groups?.findIndex((group) => group.includes(id)) ?? -1;
  return at < 0 ? null : String.fromCharCode('A'.charCodeAt(0) + at);
}

/** As large as its place on the page, in whole pixels. */
function useSize() {
  const box = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState({ width: 360, height: 320 });
  useLayoutEffect(() => {
    const { current } = box;
    if (current === null) return;
    const observer = new ResizeObserver(() => {
      const { clientWidth: width, clientHeight: height } = current;
      if (width > 0 && height > 0) setSize({ width, height });
    });
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return [box, size] as const;
}

function useMotion(
  stage: Stage,
  frame: Frame,
  geometry: ReturnType<typeof geometryOf>,
  selected: number | null,
  onFlight: (number: number) => void,
) {
  const layer = useRef<SVGGElement>(null);
  const arcs = useRef(new Map<ServerId, SVGElement>());
  const motion = useRef<Motion | null>(null);
  const shown = useRef(frame);
  useLayoutEffect(() => {
    if (layer.current === null) return;
    motion.current ??= new Motion(layer.current, arcs.current, geometry, onFlight);
    motion.current.place(geometry);
  }, [geometry]);
  useLayoutEffect(() => {
    const { player } = stage;
    const gap = frame.number - shown.current.number;
    const passed =
      player.isPlaying && gap > 1 && gap <= PASSED_MAX
        ? Array.from({ length: gap }, (_, at) => player.tape.frame(frame.number - at))
        : [frame];
    motion.current?.show(frame, passed, player.isPlaying, selected);
    motion.current?.move(player.nowMs);
    shown.current = frame;
  }, [frame, geometry, selected]);
  useLayoutEffect(() => stage.onMove((nowMs) => motion.current?.move(nowMs)), [stage]);
  const arcRef = (id: ServerId) => (arc: SVGElement | null) => {
    if (arc === null) arcs.current.delete(id);
    else arcs.current.set(id, arc);
  };
  return { layer, arcRef };
}
