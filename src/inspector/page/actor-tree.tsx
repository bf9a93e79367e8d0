/** Every actor of every server, as a tree: the chosen one's chart, log and context are shown. */
import './actor-tree.css';
import { branchesOf } from '../actors.ts';
import { type ActorThen, actorsAt } from '../history.ts';
import type { ServerHistory } from '../server-history.ts';
import type { Desk } from './desk.ts';
import { Name } from './name.tsx';

interface Item {
  readonly server: ServerHistory;
  readonly actor: ActorThen;
  readonly label: string;
  readonly depth: number;
}

function itemsOf(desk: Desk): readonly Item[] {
  return desk.story.servers.flatMap((server) =>
    branchesOf(actorsAt(server, desk.view.position)).map((branch) => ({ server, ...branch })),
  );
}

export function ActorTree({ desk }: { readonly desk: Desk }) {
  const items = itemsOf(desk);
  return (
    <nav class="actors" aria-label="Actors">
      <h2 class="label">Actors</h2>
      {items.length === 0 && <p class="soft">None yet.</p>}
      <div
        role="tree"
        aria-label="Actors by server"
        onKeyDown={(event) => {
          const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
          if (by === undefined) return;
          event.preventDefault();
          event.stopPropagation();
          moveBy(desk, by);
          queueMicrotask(focusChosen);
        }}
      >
        {items.map((item, index) => (
          <TreeItem
            key={`${item.server.id}/${item.actor.name}`}
            desk={desk}
            item={item}
            isFirst={index === 0}
          />
        ))}
      </div>
    </nav>
  );
}

/** The next or the previous actor of the tree. */
export function moveBy(desk: Desk, by: number): void {
  const items = itemsOf(desk);
  const at = items.findIndex((item) => isChosen(desk, item));
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  if (next !== undefined) desk.select(next.server.id, next.actor.name);
}

function focusChosen(): void {
  document.querySelector<HTMLElement>('[role="treeitem"][aria-selected="true"]')?.focus();
}

function isChosen({ view }: Desk, { server, actor }: Item): boolean {
  return view.server === server.id && view.actor === actor.name;
}

interface TreeItemProps {
  readonly desk: Desk;
  readonly item: Item;
  readonly isFirst: boolean;
}

function TreeItem({ desk, item, isFirst }: TreeItemProps) {
  const { server, actor, label, depth } = item;
  const { status, active } = actor;
  const isChosenNow = isChosen(desk, item);
  const isTabStop = isChosenNow || (isFirst && desk.server === null);
  return (
    <button
      type="button"
      role="treeitem"
      class={`actor is-${status}`}
      style={{ '--depth': depth }}
      aria-level={depth + 1}
      aria-selected={isChosenNow}
      tabIndex={isTabStop ? 0 : -1}
      onClick={() => desk.select(server.id, actor.name)}
    >
      <span class="actor-name">
        {depth === 0 && (
          <b>
            <Name name={server.id} />
          </b>
        )}
        <Name name={label} />
        {actor.machine !== label && actor.machine !== '' && (
          <span class="soft">{actor.machine}</span>
        )}
      </span>
      {(status === 'active' ? leavesOf(active) : [status]).map((state) => (
        <span key={state} class="actor-state soft">
          {state}
        </span>
      ))}
    </button>
  );
}

/** The innermost active states, without the machine they are all in. */
export function leavesOf(active: readonly string[]): readonly string[] {
  const [root = ''] = active;
  return active
    .filter((id) => !active.some((other) => other.startsWith(`${id}.`)))
    .map((id) => (id.startsWith(`${root}.`) ? pathOf(id.slice(root.length + 1)) : id));
}

/** Dots between keys part them; one within a key is written `\\.`. */
function pathOf(path: string): string {
  return path
    .split(/(?<!\\)\./)
    .map((key) => key.replaceAll(/\\(.)/g, '$1'))
    .join(' › ');
}
