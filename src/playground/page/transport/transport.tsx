/** The bar at the bottom: back, play, forward, how fast, where we are. */
import type { Player } from '../player.ts';
import { seconds } from './seconds.ts';
import { placeOfSpeed, SPEEDS, speedWords } from './speeds.ts';
import { Timeline } from './timeline.tsx';

export function Transport({ player }: { readonly player: Player }) {
  const { at, seen, isPlaying, isLive, isOver } = player;
  return (
    <section class="transport" aria-label="Time">
      <div class="transport-buttons">
        <button
          type="button"
          class="button"
          disabled={at === 0}
          onClick={() => player.step(-1)}
          aria-keyshortcuts="ArrowLeft"
        >
          <span aria-hidden="true">◂</span> Back
        </button>
        <button
          type="button"
          class="button is-primary play"
          disabled={isOver}
          onClick={() => (isPlaying ? player.pause() : player.play())}
          aria-keyshortcuts="Space"
        >
          {isPlaying ? 'Pause' : 'Play'}
        </button>
        <button
          type="button"
          class="button"
          disabled={isOver}
          onClick={() => player.step(1)}
          aria-keyshortcuts="ArrowRight"
        >
          Forward <span aria-hidden="true">▸</span>
        </button>
      </div>
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
          value={placeOfSpeed(player.speed)}
          aria-valuetext={speedWords(player.speed)}
          onInput={({ currentTarget }) => player.setSpeed(SPEEDS[Number(currentTarget.value)] ?? 1)}
        />
        <output>{speedWords(player.speed)}</output>
      </label>
      <Timeline player={player} />
      <p class="position">
        <span>
          event <b>{at}</b> of {seen}
        </span>
        <span class="soft">{seconds(player.frame.atMs)}</span>
      </p>
      <button
        type="button"
        class="button live"
        aria-pressed={isLive && isPlaying}
        onClick={() => {
          if (!isLive) player.seek(seen);
          player.play();
        }}
      >
        <span class="live-dot" aria-hidden="true" /> Live
      </button>
    </section>
  );
}
