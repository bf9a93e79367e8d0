/** The ring, what it shows in a sentence, and whether all is well. */
import { setting } from '../../pages/controls.tsx';
import { situation } from './frame-facts.ts';
import { Legend } from './playground-help.tsx';
import { Ring } from './ring/ring.tsx';
import type { OfPlayground } from './store.ts';

interface RingAreaProps extends OfPlayground {
  /** Whether the selected server's panel is elsewhere, and has to be brought to the front. */
  readonly isAlone?: boolean;
}

export function RingArea({ store, isAlone = false }: RingAreaProps) {
  const frame = store.loop.frameOf('ring');
  const isSafe = frame.violation === null;
  return (
    <section class="area area-ring panel" aria-label="The cluster">
      <div class="situation">
        <p title={situation(frame)}>{situation(frame)}</p>
        <button
          type="button"
          class={`verdict-button ${isSafe ? '' : 'is-fallen'}`}
          title="The five safety properties of Figure 3"
          onClick={setting(store.panel, 'safety')}
        >
          {isSafe ? '✓ all five properties hold' : '✗ a property is violated'}
        </button>
      </div>
      <Ring
        store={store}
        frame={frame}
        onServer={(server) => {
          store.selectServer(server);
          if (isAlone) store.panel.value = 'machine';
        }}
      />
      <Legend />
    </section>
  );
}
