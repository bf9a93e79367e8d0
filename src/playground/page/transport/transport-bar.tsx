/** The bar at the bottom: back, play, forward, how fast, where we are. */

import type { Signal } from '@preact/signals';
import { Button } from '../../../pages/controls.tsx';
import type { OfPlayground } from '../store.ts';
import { placeOfSpeed, SPEEDS, seconds, speedWords } from './time-words.ts';
import { TimelineSlider } from './timeline-slider.tsx';

export function TransportBar({ store: { player, loop } }: OfPlayground) {
  const frame = loop.frameOf('others');
  const isPlaying = player.isPlaying.value;
  const isOver = player.isOver.value;
  return (
    <section class="transport" aria-label="Time">
      <div class="transport-buttons">
        <Button
          disabled={frame.number === 0}
          onClick={() => player.step(-1)}
          aria-keyshortcuts="ArrowLeft"
        >
          <span aria-hidden="true">◂</span> Back
        </Button>
        <Button
          class="is-primary play"
          disabled={isOver}
          onClick={() => player.toggle()}
          aria-keyshortcuts="Space"
        >
          {isPlaying ? 'Pause' : 'Play'}
        </Button>
        <Button disabled={isOver} onClick={() => player.step(1)} aria-keyshortcuts="ArrowRight">
          Forward <span aria-hidden="true">▸</span>
        </Button>
      </div>
      <Speed speed={player.speed} />
      <TimelineSlider player={player} frame={frame} />
      <p class="position">
        <span>
          event <b>{frame.number}</b> of {player.seen}
        </span>
        <span class="soft">{seconds(frame.atMs)}</span>
      </p>
      <Button
        class="live"
        aria-pressed={player.isLive.value && isPlaying}
        onClick={() => player.goLive()}
      >
        <span class="live-dot" aria-hidden="true" /> Live
      </Button>
    </section>
  );
}

function Speed({ speed }: { readonly speed: Signal<number> }) {
  const words = speedWords(speed.value);
  return (
    <label class="speed">
      <span class="label" aria-hidden="true">
        Speed
      </span>
      <input
        type="range"
        aria-label="Speed"
        min="0"
        max={SPEEDS.length - 1}
        step="1"
        value={placeOfSpeed(speed.value)}
        aria-valuetext={words}
        onInput={({ currentTarget }) => {
          speed.value = SPEEDS[Number(currentTarget.value)] ?? 1;
        }}
      />
      <output>{words}</output>
    </label>
  );
}
