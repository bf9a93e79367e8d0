/** What one sees, and every key. */
import { Help } from '../../pages/help.tsx';
import { KINDS } from './ring/message-shape.ts';
import { playgroundShortcuts } from './shortcuts.ts';
import type { OfPlayground } from './store.ts';

export function PlaygroundHelp({ store }: OfPlayground) {
  return (
    <Help title="The playground" shortcuts={() => playgroundShortcuts(store)}>
      <p>
        A cluster of Statecraft's own state machines, in virtual time. What happens depends on the
        seed and on what you do, so every moment can be seen again: step forward and back, drag the
        timeline, act anywhere. Acting in the past forks history.
      </p>
      <h3 class="label">In the picture</h3>
      <ul class="help-list">
        <li>The number in a server is its term, and so is its colour.</li>
        <li>
          A double ring is a leader. The arc around a server is its election timer: dark when an
          election is next.
        </li>
        <li>Dots in a candidate are servers; filled ones have voted for it.</li>
        <li>
          Filled shapes are requests, hollow ones responses: + yes, − no. A lost message bursts.
        </li>
        <li>
          In the log, solid is committed, dashed is not, a bar below is applied, a double edge on
          the right ends the snapshot; • is matchIndex, ↑ nextIndex.
        </li>
        <li>
          On the timeline, ticks above are elections, and crashes in orange; ticks below are
          commits.
        </li>
      </ul>
      <Legend />
    </Help>
  );
}

export function Legend() {
  return (
    <ul class="legend" aria-label="Shapes of messages">
      {KINDS.map(({ name, path }) => (
        <li key={name}>
          <svg width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true">
            <path d={path} />
          </svg>
          {name}
        </li>
      ))}
    </ul>
  );
}
