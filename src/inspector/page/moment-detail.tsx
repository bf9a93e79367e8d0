/** One moment, opened: the whole event, the transitions it took, what was emitted. */
import type { ComponentChildren } from 'preact';
import type { Moment } from '../moment.ts';
import { exactTime } from './times.ts';
import { eventName, idName } from './value-line.ts';
import { ValueTree } from './value-tree.tsx';

interface MomentDetailProps {
  readonly moment: Moment;
  readonly onClose: () => void;
}

export function MomentDetail({ moment, onClose }: MomentDetailProps) {
  const { event, from, taken, emitted, kind, atMs } = moment;
  const { type: _, ...payload } = event;
  return (
    <section class="detail" aria-label="The chosen event">
      <header>
        <h3>{eventName(event.type)}</h3>
        <time class="number soft">{exactTime(atMs)}</time>
        <button type="button" class="button is-quiet is-small" onClick={onClose}>
          Close
        </button>
      </header>
      {from !== null && (
        <Part title="From">
          <span>{from}</span>
        </Part>
      )}
      <Part title="Payload">
        {Object.keys(payload).length === 0 ? (
          <span class="soft">none</span>
        ) : (
          <ValueTree value={payload} label="Payload" depth={2} />
        )}
      </Part>
      {kind === 'transition' && (
        <Part title="Took">
          {taken.length === 0 && <span class="soft">no transition: ignored in this state</span>}
          {taken.map((id, at) => (
            <code key={`${at} ${id}`}>{idName(id)}</code>
          ))}
        </Part>
      )}
      {emitted.length > 0 && (
        <Part title="Emitted">
          <ValueTree value={emitted} label="Emitted" depth={1} />
        </Part>
      )}
    </section>
  );
}

interface PartProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

function Part({ title, children }: PartProps) {
  return (
    <div class="part">
      <h4 class="label">{title}</h4>
      <div>{children}</div>
    </div>
  );
}
