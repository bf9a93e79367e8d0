/** A scenario's story: what is said at the present event, and on to the next. */
import type { Player } from '../player.ts';
import { isLeft, type Story } from '../story.ts';

export function Narration({
  story,
  player,
  onRejoin,
}: {
  readonly story: Story;
  readonly player: Player;
  /** Back to where the run left the story. */
  readonly onRejoin: () => void;
}) {
  const { title, about, captions } = story;
  const { at } = player;
  const step = captions.findLastIndex((caption) => caption.at <= at);
  const caption = captions[step];
  const next = captions[step + 1];
  const back = caption !== undefined && caption.at < at ? caption : captions[step - 1];
  if (isLeft(story) && at > story.through) return <Left story={story} onRejoin={onRejoin} />;
  return (
    <section class="narration" aria-label="Scenario">
      <p class="label">
        Scenario · {Math.max(step + 1, 0)} of {story.length}
      </p>
      <h2>{caption?.title ?? title}</h2>
      {step <= 0 && <p class="soft">{about}</p>}
      <p>{caption?.text}</p>
      <div class="narration-buttons">
        <button
          type="button"
          class="button is-small"
          disabled={at === 0}
          onClick={() => player.goTo(back?.at ?? 0)}
        >
          Previous
        </button>
        {next === undefined && isLeft(story) && <Rejoin onRejoin={onRejoin} />}
        {next === undefined && !isLeft(story) && (
          <span class="soft">The end of the story: go on as you like.</span>
        )}
        {next !== undefined && (
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
            onClick={() => player.goTo(next.at)}
          >
            Skip to it
          </button>
        )}
      </div>
    </section>
  );
}

function Left({
  story: { title, length, captions, through },
  onRejoin,
}: {
  readonly story: Story;
  readonly onRejoin: () => void;
}) {
  return (
    <section class="narration" aria-label="Scenario">
      <p class="label">
        {title} · {captions.length} of {length}
      </p>
      <h2>You have left the story</h2>
      <p>After event {through} this run is yours: go on as you like.</p>
      <div class="narration-buttons">
        <Rejoin onRejoin={onRejoin} />
      </div>
    </section>
  );
}

function Rejoin({ onRejoin }: { readonly onRejoin: () => void }) {
  return (
    <button type="button" class="button is-small" onClick={onRejoin}>
      Back to the story
    </button>
  );
}
