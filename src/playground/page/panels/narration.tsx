/** A scenario's story: what is said at the present event, and on to the next. */
import { Button } from '../../../pages/controls.tsx';
import type { OfPlayground } from '../store.ts';

export function Narration({ store }: OfPlayground) {
  const { player } = store;
  const { number: at } = store.loop.frameOf('others');
  const story = store.story.value;
  if (story === null) return null;
  const { title, about, captions, length, through } = story;
  const step = captions.findLastIndex((caption) => caption.at <= at);
  const [last, caption, next] = [captions[step - 1], captions[step], captions[step + 1]];
  const back = caption !== undefined && caption.at < at ? caption : last;
  const isPlaying = player.isPlaying.value;
  // The run goes its own way before the story has come to its end.
  const hasLeft = captions.length < length;
  const rejoin = (
    <Button class="is-small" onClick={() => store.rejoin()}>
      Back to the story
    </Button>
  );
  if (hasLeft && at > through) {
    return (
      <section class="narration" aria-label="Scenario">
        <p class="label">
          {title} · {captions.length} of {length}
        </p>
        <h2>You have left the story</h2>
        <p>After event {through} this run is yours: go on as you like.</p>
        <div class="narration-buttons">{rejoin}</div>
      </section>
    );
  }
  return (
    <section class="narration" aria-label="Scenario">
      <p class="label">
        Scenario · {Math.max(step + 1, 0)} of {length}
      </p>
      <h2>{caption?.title ?? title}</h2>
      {step <= 0 && <p class="soft">{about}</p>}
      <p>{caption?.text}</p>
      <div class="narration-buttons">
        <Button class="is-small" disabled={at === 0} onClick={() => player.goTo(back?.at ?? 0)}>
          Previous
        </Button>
        {next === undefined &&
          (hasLeft ? rejoin : <span class="soft">The end of the story: go on as you like.</span>)}
        {next !== undefined && (
          <>
            <Button class="is-small is-primary" disabled={isPlaying} onClick={() => player.play()}>
              {isPlaying ? 'Watch …' : 'Continue'}
            </Button>
            <Button class="is-small is-quiet" onClick={() => player.goTo(next.at)}>
              Skip to it
            </Button>
          </>
        )}
      </div>
    </section>
  );
}
