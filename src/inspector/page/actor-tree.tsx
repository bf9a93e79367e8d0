/** Every actor of every server, as a tree: the chosen one's chart, log and context are shown. */
import './actor-tree.css';
import { onArrows } from '../../pages/shortcuts.ts';
import { branchesOf } from '../actors.ts';
import { actorsAt } from '../history.ts';
import { Name } from './name.tsx';
import type { InspectorStore, OfInspector } from './store.ts';

type Item = ReturnType<typeof itemsOf>[number];

function itemsOf({ history, position, serverId, actor: chosen }: InspectorStore) {
  return history.servers.flatMap((server) =>
    branchesOf(actorsAt(server, position.value)).map((branch) => {
      const isChosen = server.id === serverId.value && branch.actor.name === chosen.value;
      return { server, isChosen, ...branch };
    }),
  );
}

export function ActorTree({ store }: OfInspector) {
  const items = itemsOf(store);
  const walk = onArrows((by) => {
    moveBy(store, by);
    queueMicrotask(focusChosen);
  });
  return (
    <nav class="actors" aria-label="Actors">
      <h2 class="label">Actors</h2>
      {items.length === 0 && <p class="soft">None yet.</p>}
      <div role="tree" aria-label="Actors by server" onKeyDown={walk}>
        {items.map((item, at) => treeItem(store, item, at === 0))}
      </div>
    </nav>
  );
}

/** The next or the previous actor of the tree. */
export function moveBy(store: InspectorStore, by: number): void {
  const items = itemsOf(store);
  const at = items.findIndex(({ isChosen }) => isChosen);
  const next = items[Math.max(0, Math.min(items.length - 1, at + by))];
  if (next !== undefined) store.select(next.server.id, next.actor.name);
}

function focusChosen(): void {
  document.querySelector<HTMLElement>('[role="treeitem"][aria-selected="true"]')?.focus();
}

function treeItem(store: InspectorStore, item: Item, isFirst: boolean) {
  const { server, actor, label, depth, isChosen } = item;
  const isTabStop = isChosen || (isFirst && store.server === null);
  const { status, active, machine } = actor;
  return (
    <button
      key={`${server.id}/${actor.name}`}
      type="button"
      role="treeitem"
      class={`actor is-${status}`}
      style={{ '--depth': depth }}
      aria-level={depth + 1}
      aria-selected={isChosen}
      tabIndex={isTabStop ? 0 : -1}
      onClick={() => store.select(server.id, actor.name)}
    >
      <span class="actor-name">
        {depth === 0 && (
          <b>
            <Name name={server.id} />
          </b>
        )}
        <Name name={label} />
        {machine !== label && machine !== '' && <span class="soft">{machine}</span>}
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
