/** Links and groups: every direction can be cut and restored, every server put into a group. */
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { Action } from '../../action.ts';
import type { Frame } from '../../frame.ts';
import { healIntent, type Intent } from '../deeds.ts';
import { isCut, isSeparated, isWhole } from '../ring/links.tsx';
import { GroupChooser } from './group-chooser.tsx';

export function NetworkPanel({
  frame,
  selected,
  onAction,
}: {
  readonly frame: Frame;
  /** The link chosen in the ring. */
  readonly selected: readonly [ServerId, ServerId] | null;
  readonly onAction: (wanted: Action | Intent) => void;
}) {
  const ids = frame.servers.map(({ id }) => id);
  return (
    <div class="network">
      {selected !== null && <LinkDeeds frame={frame} link={selected} onAction={onAction} />}
      <GroupChooser frame={frame} onAction={onAction} />
      <section class="direction-chooser" aria-label="Directions">
        <header>
          <h2 class="label">Directions</h2>
        </header>
        <div class="scroll">
          <table class="directions">
            <caption class="visually-hidden">
              Which messages arrive: a row for the sender, a column for the receiver
            </caption>
            <thead>
              <tr>
                <th scope="col">
                  <span class="visually-hidden">from</span>
                </th>
                {ids.map((to) => (
                  <th scope="col" key={to}>
                    →{to}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {ids.map((from) => (
                <tr key={from}>
                  <th scope="row">{from}</th>
                  {ids.map((to) => (
                    <td key={to}>
                      {from !== to && (
                        <Direction frame={frame} from={from} to={to} onAction={onAction} />
                      )}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
        <button
          type="button"
          class="button is-small"
          aria-disabled={isWhole(frame.cuts)}
          onClick={() => onAction(healIntent)}
        >
          Restore all links
        </button>
      </section>
    </div>
  );
}

function Direction({
  frame,
  from,
  to,
  onAction,
}: {
  readonly frame: Frame;
  readonly from: ServerId;
  readonly to: ServerId;
  readonly onAction: (action: Action) => void;
}) {
  const cut = isCut(frame.cuts, from, to);
  const apart = isSeparated(frame.cuts, from, to);
  const deed = cut ? `Restore ${from}→${to}` : `Cut ${from}→${to}`;
  return (
    <button
      type="button"
      class={`direction ${cut ? 'is-cut' : ''}`}
      disabled={apart}
      aria-pressed={cut}
      aria-label={`${from} to ${to}: ${apart ? 'groups separate them' : cut ? 'cut' : 'open'}`}
      title={apart ? 'Groups separate them' : deed}
      onClick={() => onAction({ type: cut ? 'restore' : 'cut', from, to })}
    >
      {cut ? '✕' : '·'}
    </button>
  );
}

function LinkDeeds({
  frame,
  link: [a, b],
  onAction,
}: {
  readonly frame: Frame;
  readonly link: readonly [ServerId, ServerId];
  readonly onAction: (action: Action) => void;
}) {
  const directions = [
    [a, b],
    [b, a],
  ] as const;
  const change = (type: 'cut' | 'restore') => {
    for (const [from, to] of directions) {
      if (isCut(frame.cuts, from, to) === (type === 'restore')) onAction({ type, from, to });
    }
  };
  const cuts = directions.map(([from, to]) => isCut(frame.cuts, from, to));
  if (isSeparated(frame.cuts, a, b)) {
    return (
      <section class="link-deeds" aria-label={`The link ${a}–${b}`}>
        <h2>
          Link {a}–{b}
        </h2>
        <p class="soft">Groups separate them.</p>
      </section>
    );
  }
  return (
    <section class="link-deeds" aria-label={`The link ${a}–${b}`}>
      <h2>
        Link {a}–{b}
      </h2>
      {directions.map(([from, to], at) => (
        <button
          key={from}
          type="button"
          class="button is-small"
          onClick={() => onAction({ type: cuts[at] ? 'restore' : 'cut', from, to })}
        >
          {cuts[at] ? 'Restore' : 'Cut'} {from}→{to}
        </button>
      ))}
      <button
        type="button"
        class="button is-small"
        onClick={() => change(cuts.every(Boolean) ? 'restore' : 'cut')}
      >
        {cuts.every(Boolean) ? 'Restore' : 'Cut'} both
      </button>
    </section>
  );
}
