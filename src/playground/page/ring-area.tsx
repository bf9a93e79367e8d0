/** The ring, what it shows in a sentence, and whether all is well. */
import type { Frame } from '../frame.ts';
import { situation } from './frame-facts.ts';
import { Legend } from './help.tsx';
import { Ring } from './ring/ring.tsx';
import type { Shown } from './view.tsx';

export function RingArea({
  session,
  frame,
  selection,
  commands,
  isAlone,
}: Shown & {
  /** Whether the selected server's panel is elsewhere, and has to be brought to the front. */
  readonly isAlone: boolean;
}) {
  return (
    <section class="area area-ring panel" aria-label="The cluster">
      <div class="situation">
        <p title={situation(frame)}>{situation(frame)}</p>
        <Verdict frame={frame} onOpen={() => commands.show('safety')} />
      </div>
      <Ring
        stage={session.stage}
        frame={frame}
        selection={selection}
        onServer={(server) => {
          commands.select({ server });
          if (isAlone) commands.show('machine');
        }}
        onFlight={(flight) => {
          session.stage.player.pause(); // It would be gone before it is read.
          commands.select({ flight });
          commands.show('messages');
        }}
        onLink={(link) => {
          commands.select({ link });
          commands.show('network');
        }}
      />
      <Legend />
    </section>
  );
}

/** The five properties in three words, and the way to them. */
function Verdict({ frame, onOpen }: { readonly frame: Frame; readonly onOpen: () => void }) {
  const isSafe = frame.violation === null;
  return (
    <button
      type="button"
      class={`verdict-button ${isSafe ? '' : 'is-fallen'}`}
      title="The five safety properties of Figure 3"
      onClick={onOpen}
    >
      {isSafe ? '✓ all five properties hold' : '✗ a property has fallen'}
    </button>
  );
}
