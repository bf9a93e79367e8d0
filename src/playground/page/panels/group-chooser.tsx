/** Partitions by choosing groups: first each server's, then all at once. */
import { useState } from 'preact/hooks';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import type { Action } from '../../action.ts';
import type { Frame } from '../../frame.ts';

const GROUPS = ['A', 'B', 'C'] as const;

/** Chosen while these were the groups: when they have become others, one begins anew. */
interface Draft {
  readonly groups: string;
  readonly chosen: Readonly<Record<ServerId, number>>;
}

export function GroupChooser({
  frame,
  onAction,
}: {
  readonly frame: Frame;
  readonly onAction: (action: Action) => void;
}) {
  const ids = frame.servers.map(({ id }) => id);
  const present = (id: ServerId) =>
    Math.max(frame.cuts.groups?.findIndex((group) => group.includes(id)) ?? 0, 0);
  const groups = JSON.stringify(frame.cuts.groups);
  const [draft, setDraft] = useState<Draft>({ groups, chosen: {} });
  const drafted = draft.groups === groups ? draft.chosen : {};
  const chosen = (id: ServerId) => drafted[id] ?? present(id);
  const isChanged = ids.some((id) => chosen(id) !== present(id));
  const apply = () => {
    if (!isChanged) return;
    const drawn = GROUPS.map((_, at) => ids.filter((id) => chosen(id) === at));
    const inhabited = drawn.filter((group) => group.length > 0);
    onAction(inhabited.length < 2 ? { type: 'heal' } : { type: 'partition', groups: inhabited });
  };
  return (
    <section class="group-chooser" aria-label="Groups">
      <header>
        <h2 class="label">Groups</h2>
        <button
          type="button"
          class="button is-small"
          // What is disabled by itself would let go of the focus.
          aria-disabled={!isChanged}
          onClick={apply}
        >
          Partition
        </button>
      </header>
      <table class="groups">
        <caption class="visually-hidden">
          The group of each server; servers of different groups do not hear each other
        </caption>
        <thead>
          <tr>
            <th scope="col">
              <span class="visually-hidden">Group</span>
            </th>
            {ids.map((id) => (
              <th scope="col" key={id}>
                {id}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {GROUPS.map((letter, at) => (
            <tr key={letter}>
              <th scope="row">{letter}</th>
              {ids.map((id) => (
                <td key={id}>
                  <input
                    type="radio"
                    name={`group-of-${id}`}
                    aria-label={`${id} in group ${letter}`}
                    checked={chosen(id) === at}
                    onChange={() => setDraft({ groups, chosen: { ...drafted, [id]: at } })}
                  />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
