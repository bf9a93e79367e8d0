/** Links and groups: every direction can be cut and restored, every server put into a group. */

import { useSignal } from '@preact/signals';
import type { ServerId } from '../../../../machines/rules/entries.ts';
import { Button, setting } from '../../../pages/controls.tsx';
import { isCut, isSeparated, isWhole } from '../cuts.ts';
import { healRequest } from '../server-actions.ts';
import type { OfFrame } from '../store.ts';
import { Matrix } from './matrix.tsx';

export function NetworkPanel({ store, frame }: OfFrame) {
  const ids = frame.servers.map(({ id }) => id);
  return (
    <div class="network">
      <LinkActions store={store} frame={frame} />
      <GroupChooser store={store} frame={frame} />
      <section class="direction-chooser" aria-label="Directions">
        <header>
          <h2 class="label">Directions</h2>
        </header>
        <div class="scroll">
          <Matrix
            class="directions"
            caption="Which messages arrive: a row for the sender, a column for the receiver"
            corner={<span class="visually-hidden">from</span>}
            columns={ids}
            rows={ids}
            head={(to) => `→${to}`}
            cell={(from, to) => from !== to && directionOf({ store, frame }, from, to)}
          />
        </div>
        <Button
          class="is-small"
          aria-disabled={isWhole(frame.cuts)}
          onClick={() => store.act(healRequest)}
        >
          Restore all links
        </Button>
      </section>
    </div>
  );
}

function directionOf({ store, frame: { cuts } }: OfFrame, from: ServerId, to: ServerId) {
  const cut = isCut(cuts, from, to);
  const apart = isSeparated(cuts, from, to);
  const type = cut ? 'restore' : 'cut';
  return (
    <button
      type="button"
      class={`direction ${cut ? 'is-cut' : ''}`}
      disabled={apart}
      aria-pressed={cut}
      aria-label={`${from} to ${to}: ${apart ? 'groups separate them' : cut ? 'cut' : 'open'}`}
      title={apart ? 'Groups separate them' : `${cut ? 'Restore' : 'Cut'} ${from}→${to}`}
      onClick={() => store.act({ type, from, to })}
    >
      {cut ? '✕' : '·'}
    </button>
  );
}

/** Of the link that is chosen in the ring. */
function LinkActions({ store, frame: { cuts } }: OfFrame) {
  if (store.link.value === null) return null;
  const [a, b] = store.link.value;
  const directions = [
    { from: a, to: b, cut: isCut(cuts, a, b) },
    { from: b, to: a, cut: isCut(cuts, b, a) },
  ];
  const areCut = directions.every(({ cut }) => cut);
  const changeBoth = () => {
    for (const { from, to, cut } of directions) {
      if (cut === areCut) void store.act({ type: areCut ? 'restore' : 'cut', from, to });
    }
  };
  return (
    <section class="link-deeds" aria-label={`The link ${a}–${b}`}>
      <h2>
        Link {a}–{b}
      </h2>
      {isSeparated(cuts, a, b) ? (
        <p class="soft">Groups separate them.</p>
      ) : (
        <>
          {directions.map(({ from, to, cut }) => (
            <Button
              key={from}
              class="is-small"
              onClick={() => store.act({ type: cut ? 'restore' : 'cut', from, to })}
            >
              {cut ? 'Restore' : 'Cut'} {from}→{to}
            </Button>
          ))}
          <Button class="is-small" onClick={changeBoth}>
            {areCut ? 'Restore' : 'Cut'} both
          </Button>
        </>
      )}
    </section>
  );
}

const GROUPS = ['A', 'B', 'C'];

/** Chosen while these were the groups: when they have become others, one begins anew. */
interface Draft {
  readonly groups: string;
  readonly chosen: Readonly<Record<ServerId, string>>;
}

export function GroupChooser({ store, frame: { servers, cuts } }: OfFrame) {
  const ids = servers.map(({ id }) => id);
  const groups = JSON.stringify(cuts.groups);
  const draft = useSignal<Draft>({ groups, chosen: {} });
  const drafted = draft.value.groups === groups ? draft.value.chosen : {};
  const present = (id: ServerId) => {
    const at = cuts.groups?.findIndex((group) => group.includes(id)) ?? 0;
    return GROUPS[Math.max(at, 0)] ?? '';
  };
  const chosen = (id: ServerId) => drafted[id] ?? present(id);
  const isChanged = ids.some((id) => chosen(id) !== present(id));
  const apply = () => {
    if (!isChanged) return;
    const drawn = GROUPS.map((letter) => ids.filter((id) => chosen(id) === letter));
    const inhabited = drawn.filter((group) => group.length > 0);
    void store.act(
      inhabited.length < 2 ? { type: 'heal' } : { type: 'partition', groups: inhabited },
    );
  };
  return (
    <section class="group-chooser" aria-label="Groups">
      <header>
        <h2 class="label">Groups</h2>
        {/* What is disabled by itself would let go of the focus. */}
        <Button class="is-small" aria-disabled={!isChanged} onClick={apply}>
          Partition
        </Button>
      </header>
      <Matrix
        class="groups"
        caption="The group of each server; servers of different groups do not hear each other"
        corner={<span class="visually-hidden">Group</span>}
        columns={ids}
        rows={GROUPS}
        cell={(letter, id) => (
          <input
            type="radio"
            name={`group-of-${id}`}
            aria-label={`${id} in group ${letter}`}
            checked={chosen(id) === letter}
            onChange={setting(draft, { groups, chosen: { ...drafted, [id]: letter } })}
          />
        )}
      />
    </section>
  );
}
