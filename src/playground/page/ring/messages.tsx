/**
 * Messages on their way. What moves between two events are attributes that depend on virtual time:
 * signals set them with every picture, and nothing is drawn again for it.
 */

import { computed, useSignal } from '@preact/signals';
import { useLayoutEffect, useMemo, useRef } from 'preact/hooks';
import { classes } from '../../../pages/controls.tsx';
import { termClass } from '../../../pages/term.ts';
import type { Flight, Landing } from '../../frame.ts';
import type { OfFrame, OfPlayground } from '../store.ts';
import { onTheWay, type RingGeometry } from './geometry.ts';
import { shapeOf, termOf } from './message-shape.ts';

const BURST = 'M-4-4L-8-8M4-4L8-8M4 4L8 8M-4 4L-8 8M0-5V-10M0 5V10M-5 0H-10M5 0H10';
/** Where a message on a cut link is seen to burst. */
const HALF_WAY = 0.5;
/** So many events may fall between two pictures without their losses going unseen. */
const PASSED_MAX = 50;

interface MessagesProps extends OfFrame {
  readonly geometry: RingGeometry;
}

export function Messages({ store, frame, geometry }: MessagesProps) {
  return (
    // biome-ignore lint/a11y/noAriaHiddenOnFocusable: nothing in it takes the focus.
    <g class="messages" aria-hidden="true">
      {frame.flights.map((flight) => (
        <MessageMark key={flight.number} store={store} flight={flight} geometry={geometry} />
      ))}
      <Bursts store={store} frame={frame} geometry={geometry} />
    </g>
  );
}

function progressOf({ sentAtMs, dueAtMs }: Flight, atMs: number): number {
  return (atMs - sentAtMs) / Math.max(dueAtMs - sentAtMs, 0.001);
}

function placedAt(geometry: RingGeometry, { message }: Flight, progress: number): string {
  const { x, y } = onTheWay(geometry, message.from, message.to, progress);
  return `translate(${x.toFixed(1)} ${y.toFixed(1)})`;
}

interface MessageMarkProps extends OfPlayground {
  readonly flight: Flight;
  readonly geometry: RingGeometry;
}

function MessageMark({ store, flight, geometry }: MessageMarkProps) {
  const { message, number } = flight;
  const { path, isReply, sign } = shapeOf(message);
  const { angle } = onTheWay(geometry, message.from, message.to, 0);
  const transform = useMemo(
    () => computed(() => placedAt(geometry, flight, progressOf(flight, store.loop.nowMs.value))),
    [flight, geometry],
  );
  const looks = [isReply && 'is-reply', store.flight.value === number && 'is-selected'];
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the list of messages does it by keyboard.
    <g
      class={classes('message', termClass(termOf(message)), ...looks)}
      data-flight={number}
      transform={transform}
      onClick={() => store.selectFlight(number)}
    >
      <circle class="message-target" r="14" />
      <path class="message-trail" d="M-9 0H-24" transform={`rotate(${angle.toFixed(1)})`} />
      <path class="message-shape" d={path} />
      {sign !== '' && (
        <text class="message-sign" y="4">
          {sign}
        </text>
      )}
    </g>
  );
}

interface Burst {
  readonly key: string;
  readonly flight: Flight;
  readonly progress: number;
  readonly isFading: boolean;
}

/** What was lost with the events since the last picture. */
function Bursts({ store: { player }, frame, geometry }: MessagesProps) {
  const bursts = useSignal<readonly Burst[]>([]);
  const shown = useRef(frame.number);
  useLayoutEffect(() => {
    const isFading = player.isPlaying.peek();
    const gap = frame.number - shown.current;
    shown.current = frame.number;
    const isForth = isFading && gap > 1 && gap <= PASSED_MAX;
    const passed = isForth
      ? Array.from({ length: gap }, (_, at) => player.recording.peek().frame(frame.number - at))
      : [frame];
    const lost = passed.flatMap(({ number, atMs, landings }) =>
      landings
        .filter(({ outcome }) => outcome !== 'arrived')
        .map((landing): Burst => {
          return { ...burstOf(landing, atMs), key: `${number} ${landing.flight.number}`, isFading };
        }),
    );
    bursts.value = isFading ? [...bursts.peek(), ...lost] : lost;
  }, [frame]);
  return (
    <>
      {bursts.value.map((burst) => (
        <path
          key={burst.key}
          class={classes('message-lost', burst.isFading && 'is-fading')}
          d={BURST}
          transform={placedAt(geometry, burst.flight, burst.progress)}
          onAnimationEnd={() => {
            bursts.value = bursts.value.filter((each) => each !== burst);
          }}
        />
      ))}
    </>
  );
}

function burstOf({ flight, outcome }: Landing, atMs: number) {
  return { flight, progress: outcome === 'cut' ? HALF_WAY : progressOf(flight, atMs) };
}
