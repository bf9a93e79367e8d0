/** A scenario's story: what is said at the present event, and on to the next. */
import type { Player } from '../player.ts';
import type { Story } from '../story.ts';

export function Narration({
  story: { title, about, captions },
  player,
}: {
  readonly story: Story;
  readonly player: Player;
}) {
  const { at } = player;
  const step = captions.findLastIndex((caption) => caption.at <= at);
  const caption = captions[step];
  const next = captions[step + 1];
  const back = caption !== undefined && caption.at < at ? caption : captions[step - 1];
  return (
    <section class="narration" aria-label="Scenario">
      <p class="label">
        Scenario · {Math.max(step + 1, 0)} of {captions.length}
      </p>
      <h2>{caption?.title ?? title}</h2>
      {step <= 0 && <p class="soft">{about}</p>}
      <p>{caption?.text}</p>
      <div class="narration-buttons">
        <button
          type="button"
          class="button is-small"
          disabled={at === 0}
          onClick={() => {
            player.pause();
            player.seek(back?.at ?? 0);
          }}
        >
          Previous
        </button>
        {next === undefined ? (
          <span class="soft">The end of the story: go on as you like.</span>
        ) : (
          <button
            type="button"
            class="button is-small is-primary"
            disabled={player.isPlaying}
            onClick={() => player.play()}
          >
            {player.isPlaying ? 'Watch …' : 'Continue'}
          </button>
        )}
        {next !== undefined && (
          <button
            type="button"
            class="button is-small is-quiet"
            onClick={() => {
              player.pause();
              player.seek(next.at);
            }}
          >
            Skip to it
          </button>
        )}
      </div>
    </section>
  );
}
