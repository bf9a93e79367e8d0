/** The selected server: what Figure 2 keeps of it, and what one can do to it. */
import { termClass } from '../../../pages/term.ts';
import type { Frame, ServerFrame } from '../../frame.ts';
import { DEED_PLACES, deedAt, type Intent, intentOf } from '../deeds.ts';

export function ServerCard({
  server,
  frame,
  onIntent,
}: {
  readonly server: ServerFrame;
  readonly frame: Frame;
  readonly onIntent: (intent: Intent) => void;
}) {
  const { id, condition, role, currentTerm } = server;
  return (
    <section class="card" aria-label={`Server ${id}`}>
      <header class="card-head">
        <span class={`term-badge ${termClass(currentTerm)}`} aria-hidden="true">
          {currentTerm}
        </span>
        <h2>
          Server {id} <span class="soft">{condition === 'running' ? role : condition}</span>
        </h2>
        <Facts server={server} />
      </header>
      <div class="deeds">
        {DEED_PLACES.map((place) => {
          const { deed, objection } = deedAt(place, server, frame);
          const { name, about } = deed;
          const other = place.deeds.find((each) => each !== deed)?.name;
          return (
            <button
              key={place.key}
              type="button"
              class="button is-small"
              // What is disabled by itself would let go of the focus.
              aria-disabled={objection !== null}
              aria-description={objection ?? undefined}
              title={`${objection ?? about} (${place.key})`}
              data-other={other}
              aria-keyshortcuts={place.key}
              onClick={() => onIntent(intentOf(deed, id))}
            >
              {name}
            </button>
          );
        })}
      </div>
    </section>
  );
}

function Facts({ server }: { readonly server: ServerFrame }) {
  const { state, votedFor, log, disk, appliedIndex, currentTerm } = server;
  const facts: readonly (readonly [string, string])[] = [
    ['currentTerm', String(currentTerm)],
    ['votedFor', votedFor ?? 'nobody'],
    ['commitIndex', String(state?.commitIndex ?? '–')],
    ['lastApplied', String(appliedIndex)],
    ['last entry', log.lastIndex === 0 ? 'none' : `${log.lastIndex} (term ${log.lastTerm})`],
    ['on disk', `${disk.lastIndex}${disk.isWriting ? ', writing' : ''}`],
  ];
  return (
    <dl class="facts">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
